import { makeTellCaChanges } from '../../../functions/activities/ca/tell-ca-changes.ts';
import { updateCaStore } from '../../../functions/orchestrations/update-ca-store.ts';
import { makeCaArrivals } from '../../../shared/azure/arrivals.ts';
import * as contracts from '../../../shared/contracts/ca.ts';
import type { CaResult } from '../../../shared/contracts/ca.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorld, type CaWorldOptions } from '../../support/ca-world.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';
import { contractActivities } from './contract-activities.ts';

const INSTANCE = 'ca-test';

describe('the one that owns the CA certificates of a service', () => {
  let kit: OrchestrationKit;
  afterEach(async () => {
    await kit.stop();
  });

  /** @param onAdvance runs before each step, told which it is */
  async function start(
    options: CaWorldOptions = {},
    onAdvance: (world: CaWorld, step: number) => unknown = () => undefined,
  ) {
    const world = makeCaWorld(options);
    const arrivals = makeCaArrivals(makeMemoryTable(), world.now);
    const published: OutcomeEvent[] = [];
    let steps = 0;
    let last = 0;
    kit = await makeOrchestrationKit({
      orchestrators: { [contracts.UPDATE_CA_STORE]: updateCaStore },
      activities: contractActivities(Object.values(contracts), {
        OpenCaUpdate: async () => ({ arrival: (await arrivals.read(SERVICE)).number }),
        AdvanceCaUpdate: async () => {
          // The engine's clock and the world's go together.
          const elapsed = (kit.now().getTime() - last) / 1_000;
          if (last !== 0) world.pass(elapsed);
          last = kit.now().getTime();
          steps += 1;
          await onAdvance(world, steps);
          return await world.advance();
        },
        TellCaChanges: makeTellCaChanges({
          ledger: world.ledger,
          publisher: {
            publish: (events) => {
              published.push(...events);
              return Promise.resolve();
            },
          },
        }),
        KeepCaTarget: () => ({ kind: 'absent' }),
        LetCaTargetGo: () => ({ kind: 'absent' }),
        SurveyCaStore: () => ({ doubted: 0 }),
        CloseCaUpdate: async ({ arrival }: { arrival: number }) => ({
          again: !(await arrivals.close(SERVICE, arrival)),
        }),
      }),
      startAt: world.now().toISOString(),
    });
    const upload = async (numbers: readonly number[]): Promise<void> => {
      await world.upload(numbers);
      await arrivals.arrive(SERVICE, true);
    };
    const run = () =>
      kit.run(contracts.UPDATE_CA_STORE, { service: SERVICE }, { instanceId: INSTANCE });
    return { world, published, upload, run };
  }

  it('gathers, sends one update, follows it, reads back, and tells of each change', async () => {
    const { world, published, upload, run } = await start();
    for (const number of [1, 2, 3]) await upload([number]);
    const { output, customStatuses } = await run();
    expect(output).toMatchObject({ verdict: 'succeeded', service: SERVICE, problems: [] });
    expect((output as CaResult).changes.map(({ outcome }) => outcome)).toEqual([
      'added',
      'added',
      'added',
    ]);
    expect(world.patches).toHaveLength(1);
    expect(published.map(({ type }) => type)).toEqual(
      Array.from({ length: 3 }, () => 'Certkeeper.CaCertificateAdded'),
    );
    const said = customStatuses.map((one) => (one as { step: string }).step);
    expect(said[0]).toBe('Gathering what is to be changed in the CA certificates of contoso-gw');
    expect(said).toContain(
      'Updating the CA certificates of contoso-gw (3 changes): usually 15 to 45 minutes; 5 min so far',
    );
    expect(said.at(-1)).toBe('Done');
  });

  it('looks again for what arrived meanwhile, and shows all of it in one result', async () => {
    const late: { upload?: (numbers: readonly number[]) => Promise<void> } = {};
    const { world, upload, run } = await start({}, async (_, step) => {
      if (step === 2) for (const number of [2, 3, 4, 5, 6, 7, 8, 9]) await late.upload?.([number]);
    });
    late.upload = upload;
    await upload([1]);
    await run();
    const { output } = kit.result(INSTANCE);
    expect(world.patches).toHaveLength(2);
    expect(world.keys()).toHaveLength(9);
    expect((output as CaResult).changes).toHaveLength(9);
  });

  it('waits for somebody else’s change of the service, and says so', async () => {
    const { world, upload, run } = await start();
    await upload([1]);
    world.others((entries) => entries);
    const { output, customStatuses } = await run();
    expect(output).toMatchObject({ verdict: 'succeeded' });
    expect(JSON.stringify(customStatuses)).toContain(
      'is being changed by somebody else (Updating)',
    );
  });

  it('is blocked by what would be lost', async () => {
    const { world, upload, run, published } = await start();
    await upload([1]);
    await world.remove(firstWaiting(await world.ledger.read(SERVICE)));
    await upload([2]);
    world.others((entries) => [
      ...entries,
      { store: 'Root', thumbprint: 'F'.repeat(40), subject: '' },
    ]);
    const { output } = await run();
    expect(output).toMatchObject({
      verdict: 'blocked',
      problems: [{ code: 'CA_ENTRIES_UNKNOWN' }],
    });
    expect(world.patches).toHaveLength(0);
    expect(published.map(({ type }) => type)).toEqual(['Certkeeper.CaUpdateFailed']);
  });

  it('fails when Certkeeper may not look at the service in mid-update, and keeps its place', async () => {
    const { world, upload, run } = await start({}, (_, step) => {
      if (step < 2) return;
      const problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not' } as const;
      throw new TerminalError(problem);
    });
    await upload([1]);
    const { output } = await run();
    expect(output).toMatchObject({
      verdict: 'failed',
      problems: [{ code: 'CERTKEEPER_PERMISSION_MISSING' }],
    });
    expect((await world.ledger.read(SERVICE)).record.update).toBeDefined();
    await world.finish();
    expect(world.keys()).toHaveLength(1);
    expect(world.patches).toHaveLength(1);
  });

  it('gives up after hours, and what waits stays in line', async () => {
    const { world, upload, run } = await start({ takes: 86_400 });
    await upload([1]);
    const { output } = await run();
    expect(output).toMatchObject({
      verdict: 'failed',
      problems: [{ code: 'CA_UPDATE_UNFINISHED' }],
    });
    expect((await world.ledger.read(SERVICE)).record.update).toBeDefined();
  });
});

function firstWaiting({ record }: Awaited<ReturnType<CaWorld['ledger']['read']>>) {
  const [first] = record.waiting;
  if (first === undefined) throw new Error('nothing waits');
  return first;
}
