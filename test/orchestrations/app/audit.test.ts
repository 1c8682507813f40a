import { audit } from '../../../functions/orchestrations/audit.ts';
import * as auditContracts from '../../../shared/contracts/audit.ts';
import { handOverReport } from '../../../shared/contracts/notify.ts';
import { listCare } from '../../../shared/contracts/sweep.ts';
import { parseAuditId } from '../../../shared/domain/audit/audit-id.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const HEADLINE = {
  ...{ health: 'healthy', sentence: 'All 3 certificates are in order.', certificates: 3 },
  ...{ findings: { critical: 0, high: 0, medium: 0, low: 0 }, acknowledged: 0 },
} as const;
const PROBLEM = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'no role' } as const;
const BUSY = { code: 'AZURE_UNAVAILABLE', message: 'Azure did not answer.' } as const;
const VAULTS = ['contoso-kv', 'contoso-legacy-kv'];
const names = (count: number) => Array.from({ length: count }, (_, at) => `gw-${String(at)}`);

describe('the audit', () => {
  const kits: OrchestrationKit[] = [];
  const open = async (bend: Behaviour = {}, services = ['contoso-gw'], vaults = VAULTS) => {
    const activities = contractActivities(
      [listCare, handOverReport, ...Object.values(auditContracts)],
      {
        ListCare: () => ({ vaults, services }),
        ReadVault: () => ({}),
        ReadService: () => null,
        NoteUnreadable: () => null,
        ComposeAudit: () => HEADLINE,
        HandOverReport: () => ({ places: 0 }),
        TidyAudits: () => ({ forgotten: 0 }),
        ...bend,
      },
    );
    const kit = await makeOrchestrationKit({
      ...{ orchestrators: { Audit: audit }, activities },
      startAt: '2026-11-28T02:00:00.123Z',
    });
    kits.push(kit);
    return kit;
  };
  const run = async (...world: Parameters<typeof open>) =>
    await (await open(...world)).run('Audit', '', { instanceId: 'audit' });
  const inputsOf = ({ calls }: Awaited<ReturnType<typeof run>>, name: string) =>
    calls.filter((one) => one.name === name).map(({ input }) => input as Record<string, unknown>);
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  it('reads each vault and service once and makes a report of them', async () => {
    const result = await run();
    const { audit: id } = result.output as { audit: string };
    expect(parseAuditId(id)).toBe('2026-11-28T02:00:00.123Z');
    expect(result.output).toEqual({
      ...{ audit: id, headline: HEADLINE, vaults: 2, services: 1, unreadable: 0, problems: [] },
    });
    expect(inputsOf(result, 'ReadVault')).toEqual(VAULTS.map((name) => ({ audit: id, name })));
    expect(inputsOf(result, 'ReadService')).toEqual([{ audit: id, name: 'contoso-gw' }]);
    expect(inputsOf(result, 'ComposeAudit')).toEqual([
      {
        ...{ audit: id, by: { kind: 'platform' } },
        ...{ startedAt: '2026-11-28T02:00:00.123Z', completedAt: '2026-11-28T02:00:00.123Z' },
      },
    ]);
    // What was read is thrown away when the report is there, and no sooner.
    expect(result.calls.map(({ name }) => name).slice(-3)).toEqual([
      ...['ComposeAudit', 'HandOverReport', 'TidyAudits'],
    ]);
    expect(inputsOf(result, 'HandOverReport')).toEqual([{ report: id }]);
    expect(inputsOf(result, 'NoteUnreadable')).toEqual([]);
  });

  it('says who asked for it', async () => {
    const kit = await open();
    const by = { kind: 'entra', id: 'p', name: 'Pat' };
    const result = await kit.run('Audit', { by }, { instanceId: 'audit' });
    expect(inputsOf(result, 'ComposeAudit')).toMatchObject([{ by }]);
  });

  it('says how far it is, in words', async () => {
    const { customStatuses } = await run({}, names(20), ['contoso-kv']);
    expect(customStatuses).toEqual([
      { step: 'Reading what is under care' },
      { step: 'Read 0 of 1 vault' },
      ...[0, 8, 16].map((seen) => ({ step: `Read ${String(seen)} of 20 services` })),
      { step: 'Making the report' },
      { step: HEADLINE.sentence },
    ]);
  });

  it('goes on reading a large vault until nothing of it is left', async () => {
    const places = ['m', 'x'];
    const result = await run(
      {
        ReadVault: () => {
          const after = places.shift();
          return after === undefined ? {} : { after };
        },
      },
      [],
      ['a-kv'],
    );
    expect(inputsOf(result, 'ReadVault').map(({ after }) => after)).toEqual([undefined, 'm', 'x']);
  });

  it.each<[string, () => never, string, number]>([
    [
      'may not be read',
      () => {
        throw new TerminalError(PROBLEM);
      },
      PROBLEM.code,
      1,
    ],
    [
      'does not answer, however often it is asked',
      () => {
        throw new TransientError(BUSY);
      },
      BUSY.code,
      6,
    ],
    [
      'asks to wait, again and again',
      () => {
        throw new TransientError(BUSY, { retryAfterSeconds: 60 });
      },
      BUSY.code,
      9,
    ],
  ])('writes down why a service cannot be read that %s', async (_, fail, code, tries) => {
    const result = await run(
      {
        ReadService: ({ name }: { name: string }) => (name === 'contoso-gw' ? fail() : null),
      },
      ['contoso-gw', 'contoso-eu-gw'],
    );
    expect(inputsOf(result, 'NoteUnreadable')).toMatchObject([
      { kind: 'service', name: 'contoso-gw', problem: { code } },
    ]);
    expect(
      inputsOf(result, 'ReadService').filter(({ name }) => name === 'contoso-gw'),
    ).toHaveLength(tries);
    expect(result.output).toMatchObject({ headline: HEADLINE, unreadable: 1, problems: [] });
  });

  it('writes down why a vault cannot be read, and reads the others', async () => {
    const result = await run({
      ReadVault: ({ name }: { name: string }) => {
        if (name === 'contoso-kv') throw new TerminalError(PROBLEM);
        return {};
      },
    });
    expect(inputsOf(result, 'NoteUnreadable')).toMatchObject([
      { kind: 'vault', name: 'contoso-kv', problem: PROBLEM },
    ]);
    expect(result.output).toMatchObject({ vaults: 2, unreadable: 1 });
  });

  it('takes away what was read also when no report can be made of it', async () => {
    const result = await run({
      ComposeAudit: () => {
        throw new TerminalError(PROBLEM);
      },
    });
    expect(result.status).toBe('Completed');
    expect(result.output).toEqual({
      ...{ vaults: 2, services: 1, unreadable: 0, problems: [PROBLEM] },
    });
    expect(inputsOf(result, 'TidyAudits')).toHaveLength(1);
    expect(inputsOf(result, 'HandOverReport')).toEqual([]);
  });

  it.each(['TidyAudits', 'HandOverReport'])(
    'has made its report when %s is refused',
    async (name) => {
      const result = await run({
        [name]: () => {
          throw new TerminalError(PROBLEM);
        },
      });
      expect(result.output).toMatchObject({ headline: HEADLINE, problems: [PROBLEM] });
    },
  );

  it('is one and the same audit after the engine was stopped in the middle of it', async () => {
    let reads = 0;
    let release = (): void => undefined;
    const stopped = new Promise<void>((resolve) => (release = resolve));
    const kit = await open(
      {
        ReadService: async () => {
          reads += 1;
          if (reads === 9) await stopped;
          return null;
        },
      },
      names(20),
    );
    kit.start('Audit', '', { instanceId: 'audit' });
    await kit.until(() => reads >= 9);
    const restarted = kit.restart({ afterMs: 60_000 });
    release();
    await restarted;
    await kit.settle();
    const result = kit.result('audit');
    expect(result.output).toMatchObject({ headline: HEADLINE, services: 20 });
    const ids = new Set(
      result.calls.map(({ input }) => (input as { audit?: string } | null)?.audit),
    );
    ids.delete(undefined);
    expect(ids).toEqual(new Set([(result.output as { audit: string }).audit]));
  });

  it('has nothing to say where it is not known what is under care', async () => {
    const { output } = await run({
      ListCare: () => {
        throw new TerminalError(PROBLEM);
      },
    });
    expect(output).toEqual({ vaults: 0, services: 0, unreadable: 0, problems: [PROBLEM] });
  });
});
