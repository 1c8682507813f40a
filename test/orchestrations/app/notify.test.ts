import { notify, notifyFindings } from '../../../functions/orchestrations/notify.ts';
import * as notifyContracts from '../../../shared/contracts/notify.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { OrchestrationContext } from '../../../shared/durable/context.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const REFUSED = { code: 'NOTIFICATION_REFUSED', message: 'teams:ops refused it.' } as const;
const UNDELIVERED = { code: 'NOTIFICATION_UNDELIVERED', message: 'no answer' } as const;

describe('telling a place', () => {
  const kits: OrchestrationKit[] = [];
  const open = async (bend: Behaviour = {}) => {
    const kit = await makeOrchestrationKit({
      orchestrators: {
        Notify: notify,
        // As the audit does at its end.
        HandOver: function* (context: OrchestrationContext) {
          return yield* notifyFindings(context, { auditId: 'audit-1' });
        },
      },
      activities: contractActivities(Object.values(notifyContracts), {
        HandOverReport: () => ({ places: 1 }),
        OpenNotify: () => ({ arrival: 1 }),
        TellPlace: () => ({ sent: 1, more: false }),
        NoteUndelivered: () => null,
        CloseNotify: () => ({ again: false }),
        ...bend,
      }),
    });
    kits.push(kit);
    return kit;
  };
  const run = async (bend: Behaviour = {}) =>
    await (await open(bend)).run('Notify', { place: 'teams:ops' }, { instanceId: 'notify-x' });
  const names = (calls: readonly { name: string }[]) => calls.map(({ name }) => name);
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  it('tells until there is no more, and closes', async () => {
    let left = 3;
    const { output, calls, customStatuses } = await run({
      TellPlace: () => ({ sent: 20, more: (left -= 1) > 0 }),
    });
    expect(output).toEqual({ place: 'teams:ops', sent: 60, problems: [] });
    expect(names(calls)).toEqual([
      ...['OpenNotify', 'TellPlace', 'TellPlace', 'TellPlace', 'CloseNotify'],
    ]);
    expect(customStatuses).toEqual([
      { step: 'Telling teams:ops what is new' },
      { step: 'Telling teams:ops what is new: 20 messages so far' },
      { step: 'Telling teams:ops what is new: 40 messages so far' },
      { step: 'teams:ops knows everything' },
    ]);
  });

  it('tries a place that does not answer for half an hour, and notes it then', async () => {
    const noted: unknown[] = [];
    const { output, calls } = await run({
      TellPlace: () => {
        throw new TransientError(UNDELIVERED);
      },
      NoteUndelivered: (input: object) => (noted.push(input), null),
    });
    const tries = calls.filter(({ name }) => name === 'TellPlace').map(({ at }) => Date.parse(at));
    expect(tries).toHaveLength(11);
    const minutes = ((tries.at(-1) ?? 0) - (tries[0] ?? 0)) / 60_000;
    expect(minutes).toBeGreaterThan(25);
    expect(minutes).toBeLessThan(60);
    expect(noted).toMatchObject([{ place: 'teams:ops', problem: UNDELIVERED }]);
    expect(output).toEqual({ place: 'teams:ops', sent: 0, problems: [UNDELIVERED] });
  });

  it('does not try again what is refused, but notes it', async () => {
    const { output, calls } = await run({
      TellPlace: () => {
        throw new TerminalError(REFUSED);
      },
    });
    expect(names(calls)).toEqual(['OpenNotify', 'TellPlace', 'NoteUndelivered', 'CloseNotify']);
    expect(output).toMatchObject({ problems: [REFUSED] });
  });

  it('comes back after a place that answers in the end, and notes nothing', async () => {
    let tries = 0;
    const { output, calls } = await run({
      TellPlace: () => {
        if ((tries += 1) < 4) throw new TransientError(UNDELIVERED);
        return { sent: 2, more: false };
      },
    });
    expect(output).toEqual({ place: 'teams:ops', sent: 2, problems: [] });
    expect(names(calls)).not.toContain('NoteUndelivered');
  });

  it('waits as long as a place asks for', async () => {
    let tries = 0;
    const { calls } = await run({
      TellPlace: () => {
        if ((tries += 1) === 1) {
          throw new TransientError(UNDELIVERED, { retryAfterSeconds: 120 });
        }
        return { sent: 1, more: false };
      },
    });
    const [first, second] = calls.filter(({ name }) => name === 'TellPlace');
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBe(120_000);
  });

  it('looks again when something arrived meanwhile', async () => {
    const arrivals = [true, true, false];
    const { calls, output } = await run({ CloseNotify: () => ({ again: arrivals.shift() }) });
    expect(calls.filter(({ name }) => name === 'TellPlace')).toHaveLength(3);
    expect(output).toMatchObject({ place: 'teams:ops' });
  });

  it('an audit hands its report over, and waits for nobody', async () => {
    const kit = await open({
      TellPlace: () => {
        throw new Error('not here');
      },
    });
    const { output, calls } = await kit.run('HandOver');
    expect(output).toEqual([]);
    expect(calls).toMatchObject([{ name: 'HandOverReport', input: { report: 'audit-1' } }]);
  });

  it('an audit says so when its report could not be handed over', async () => {
    const kit = await open({
      HandOverReport: () => {
        throw new TerminalError({ code: 'RECORD_UNREADABLE', message: 'no report' });
      },
    });
    const { output } = await kit.run('HandOver');
    expect(output).toMatchObject([{ code: 'RECORD_UNREADABLE' }]);
  });
});
