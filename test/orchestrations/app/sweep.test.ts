import { sweep } from '../../../functions/orchestrations/sweep.ts';
import { checkServiceAccess } from '../../../shared/contracts/access.ts';
import { surveyCaStore } from '../../../shared/contracts/ca.ts';
import * as cleanupContracts from '../../../shared/contracts/cleanup.ts';
import * as sweepContracts from '../../../shared/contracts/sweep.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const PROBLEM = { code: 'PERMISSION_MISSING', message: 'no role' } as const;
const FINE = { checked: 3, broken: 0, restored: 0, examples: [] };
const VAULT = { certificates: 4, syncs: 1, present: 4, believed: true, problems: [] };
const CLEANED = { removed: 0, released: 0, kept: 1, problems: [] };

describe('the sweep', () => {
  const kits: OrchestrationKit[] = [];
  const run = async (
    bend: Behaviour = {},
    services = ['contoso-gw', 'contoso-eu-gw'],
    input?: unknown,
  ) => {
    const contracts = [
      ...Object.values(sweepContracts),
      surveyCaStore,
      ...Object.values(cleanupContracts),
      checkServiceAccess,
    ];
    const activities = contractActivities(contracts, {
      ListCare: () => ({ vaults: ['contoso-kv'], services }),
      SurveyService: () => ({ certificates: 1, discovered: 1, problems: [] }),
      SurveyCaStore: () => ({ doubted: 0 }),
      SurveyVault: () => VAULT,
      RefreshUsage: () => ({ documents: 0, read: 0, problems: [] }),
      CleanUpService: () => CLEANED,
      CheckServiceAccess: () => FINE,
      ...bend,
    });
    const kit = await makeOrchestrationKit({ orchestrators: { Sweep: sweep }, activities });
    kits.push(kit);
    return await kit.run('Sweep', input, { instanceId: 'sweep' });
  };
  const called = (calls: Awaited<ReturnType<typeof run>>['calls'], name: string) =>
    calls.filter((one) => one.name === name).map((one) => one.input);
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  it('counts what it saw, the access of what is bound among it', async () => {
    const { output } = await run();
    expect(output).toMatchObject({
      services: 2,
      vaults: 1,
      certificates: 4,
      discovered: 2,
      syncs: 1,
      present: 4,
      orphaned: 0,
      accessChecked: 6,
      accessBroken: 0,
      problems: [],
      problemsLeftOut: 0,
    });
    expect(output).not.toHaveProperty('planned');
  });

  it('is the real thing when it was started without input, as by the timer', async () => {
    const { output } = await run({}, ['contoso-gw'], '');
    expect(output).not.toHaveProperty('planned');
  });

  it('counts what is broken, and is no failure for it', async () => {
    const { output, status } = await run({
      CheckServiceAccess: ({ service }: { service: string }) =>
        service === 'contoso-gw'
          ? {
              checked: 2,
              broken: 1,
              restored: 0,
              examples: [{ source: SOURCE, target: 'contoso-gw/certificates/a', problem: PROBLEM }],
            }
          : FINE,
    });
    expect(status).toBe('Completed');
    expect(output).toMatchObject({ accessChecked: 5, accessBroken: 1, problems: [] });
  });

  it('reports a service that it could not look at, and looks at the others', async () => {
    const { output } = await run({
      CheckServiceAccess: ({ service }: { service: string }) => {
        if (service === 'contoso-gw') throw new TerminalError(PROBLEM);
        return FINE;
      },
    });
    expect(output).toMatchObject({ accessChecked: 3, problems: [PROBLEM] });
  });

  it('says how far it is, some services at a time', async () => {
    const services = Array.from({ length: 20 }, (_, index) => `gw-${String(index)}`);
    const { customStatuses, calls } = await run({}, services);
    expect(customStatuses).toEqual(
      expect.arrayContaining([
        { step: 'Checking access: 8 of 20 services' },
        { step: 'Checking access: 16 of 20 services' },
        { step: 'Checking access: 20 of 20 services' },
      ]),
    );
    const checks = called(calls, 'CheckServiceAccess');
    expect(checks).toHaveLength(20);
    expect(checks[0]).toMatchObject({ service: 'gw-0', operation: 'sweep' });
  });

  describe('cleans up', () => {
    const orphans = { ...VAULT, softDeleted: 1, orphaned: 1, orphanedAt: ['contoso-gw'] };

    it('only where there are orphans, after every vault, and for the vaults that it believes', async () => {
      const vaults = ['contoso-kv', 'doubted-kv', 'silent-kv'];
      const { calls, output } = await run({
        ListCare: () => ({ vaults, services: ['contoso-gw', 'contoso-eu-gw'] }),
        SurveyVault: ({ vault }: { vault: string }) => {
          if (vault === 'silent-kv') throw new TerminalError(PROBLEM);
          return vault === 'doubted-kv' ? { ...VAULT, believed: false } : orphans;
        },
        CleanUpService: () => ({ ...CLEANED, removed: 1, kept: 0 }),
      });
      expect(called(calls, 'CleanUpService')).toMatchObject([
        { service: 'contoso-gw', vaults: ['contoso-kv'], operation: 'sweep' },
      ]);
      const order = calls.map(({ name }) => name);
      expect(order.lastIndexOf('SurveyVault')).toBeLessThan(order.indexOf('CleanUpService'));
      expect(output).toMatchObject({ orphaned: 1, removed: 1, problems: [PROBLEM] });
    });

    it('not at a service that is no longer under care', async () => {
      const { calls } = await run({
        SurveyVault: () => ({ ...orphans, orphanedAt: ['former-gw'] }),
      });
      expect(called(calls, 'CleanUpService')).toEqual([]);
    });

    it('goes on where the last call left off', async () => {
      const { calls, output } = await run({
        SurveyVault: () => orphans,
        CleanUpService: ({ after }: { after?: string }) => ({
          ...CLEANED,
          ...(after === 'b' ? {} : { after: after === undefined ? 'a' : 'b' }),
        }),
      });
      expect(called(calls, 'CleanUpService')).toMatchObject([{}, { after: 'a' }, { after: 'b' }]);
      expect(output).toMatchObject({ kept: 3 });
    });

    it('is held up by no service that fails', async () => {
      const { output } = await run({
        SurveyVault: () => ({ ...orphans, orphanedAt: ['contoso-eu-gw', 'contoso-gw'] }),
        CleanUpService: ({ service }: { service: string }) => {
          if (service === 'contoso-eu-gw') throw new TerminalError(PROBLEM);
          return { ...CLEANED, removed: 1 };
        },
      });
      expect(output).toMatchObject({ removed: 1, problems: [PROBLEM], accessChecked: 6 });
    });
  });

  it('brings the index of uses up to date part by part, before the vaults', async () => {
    const { calls, output } = await run({
      RefreshUsage: ({ service, after }: { service: string; after?: string }) => {
        if (service === 'contoso-eu-gw') throw new TerminalError(PROBLEM);
        return {
          ...{ documents: 10, read: 1, problems: [] },
          ...(after === undefined ? { after: 'policies' } : {}),
        };
      },
    });
    const inputs = called(calls, 'RefreshUsage') as { service: string; at: string }[];
    expect(inputs).toMatchObject([
      { service: 'contoso-gw' },
      { service: 'contoso-eu-gw' },
      { service: 'contoso-gw', after: 'policies' },
    ]);
    expect(new Set(inputs.map(({ at }) => at)).size).toBe(1);
    const order = calls.map(({ name }) => name);
    expect(order.lastIndexOf('RefreshUsage')).toBeLessThan(order.indexOf('SurveyVault'));
    expect(output).toMatchObject({ problems: [PROBLEM], certificates: 4, accessChecked: 6 });
  });

  it('names what stands in the way, each once, what expired, and counts what it does not keep', async () => {
    const gone = {
      code: 'IDENTITY_MISSING',
      message: 'it has no identity',
      resource: 'gw',
    } as const;
    const expired = { code: 'CERTIFICATE_EXPIRED', message: 'expired' } as const;
    const broken = (target: string) => ({ source: SOURCE, target, problem: gone });
    const { output } = await run({
      SurveyService: () => ({ certificates: 5, discovered: 0, unmanaged: 2, problems: [] }),
      SurveyVault: () => ({ ...VAULT, findings: [expired], findingsLeftOut: 1 }),
      CheckServiceAccess: () => ({
        ...{ checked: 2, broken: 2, restored: 0 },
        examples: [broken('contoso-gw/certificates/a'), broken('contoso-gw/certificates/b')],
      }),
    });
    expect(output).toMatchObject({
      ...{ unmanaged: 4, accessBroken: 4, problems: [] },
      ...{ findings: [expired, gone], findingsLeftOut: 1 },
    });
  });

  it('lets the vaults wait for the index for some minutes only, and goes on with it after them', async () => {
    let pages = 0;
    const tries = new Map<string, number>();
    const { calls, output } = await run(
      {
        // Each page is answered at the last try: half a minute goes by.
        RefreshUsage: ({ after = 'start' }: { after?: string }) => {
          const tried = (tries.get(after) ?? 0) + 1;
          tries.set(after, tried);
          if (tried < 6) throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
          pages += 1;
          return {
            ...{ documents: 1, read: 1, problems: [] },
            ...(pages < 20 ? { after: String(pages) } : {}),
          };
        },
      },
      ['contoso-gw'],
    );
    const order = calls.map(({ name }) => name);
    const vaults = order.indexOf('SurveyVault');
    const refreshes = order.flatMap((name, index) => (name === 'RefreshUsage' ? [index] : []));
    expect(refreshes.some((index) => index < vaults)).toBe(true);
    expect(refreshes.some((index) => index > vaults)).toBe(true);
    expect(pages).toBe(20);
    // It is one round still, which goes on where it was.
    const inputs = called(calls, 'RefreshUsage') as { at: string; after?: string }[];
    expect(new Set(inputs.map(({ at }) => at)).size).toBe(1);
    expect(new Set(inputs.map(({ after }) => after)).size).toBe(20);
    expect(output).toMatchObject({ problems: [] });
  });

  it('forgets what is old once, whatever many services it cleans up', async () => {
    const { calls } = await run({
      SurveyVault: () => ({ ...VAULT, orphanedAt: ['contoso-gw', 'contoso-eu-gw'] }),
      CleanUpService: ({ after }: { after?: string }) => ({
        ...CLEANED,
        ...(after === undefined ? { after: 'a' } : {}),
      }),
    });
    const cleaned = called(calls, 'CleanUpService') as { forget?: true }[];
    expect(cleaned).toHaveLength(4);
    expect(cleaned.filter(({ forget }) => forget === true)).toHaveLength(1);
  });

  it('as a dry run tells everybody so, checks, and leaves the index as it is', async () => {
    const act = { source: SOURCE, action: 'keep', reason: 'GraceRuns' };
    const { calls, output } = await run(
      {
        SurveyVault: () => ({
          ...VAULT,
          orphanedAt: ['contoso-gw'],
          planned: [{ source: SOURCE, action: 'sync', reason: 'Behind' }],
          plannedLeftOut: 2,
        }),
        CleanUpService: () => ({ ...CLEANED, planned: [act], plannedLeftOut: 0 }),
      },
      undefined,
      { dryRun: true },
    );
    const all = ['SurveyService', 'SurveyVault', 'CleanUpService', 'CheckServiceAccess'];
    for (const name of all) {
      expect(called(calls, name)).not.toEqual([]);
      for (const input of called(calls, name)) expect(input).toMatchObject({ dryRun: true });
    }
    expect(called(calls, 'RefreshUsage')).toEqual([]);
    expect(output).toMatchObject({
      accessChecked: 6,
      planned: [{ action: 'sync', reason: 'Behind' }, act],
      plannedLeftOut: 2,
    });
  });

  it('keeps its result within what the engine stores, and says what it left out', async () => {
    const many = Array.from({ length: sweepContracts.MOST_PROBLEMS }, () => PROBLEM);
    const { output } = await run({
      SurveyVault: () => ({ ...VAULT, problems: many, problemsLeftOut: 5 }),
      SurveyService: () => ({ certificates: 1, discovered: 0, problems: [PROBLEM] }),
    });
    const { problems, problemsLeftOut } = output as {
      problems: unknown[];
      problemsLeftOut: number;
    };
    expect(problems).toHaveLength(sweepContracts.MOST_PROBLEMS);
    expect(problemsLeftOut).toBe(7);
  });

  it('reads the answers of an earlier release, and cleans up nothing by them', async () => {
    const { output, calls } = await run({
      SurveyVault: () => ({ certificates: 4, syncs: 1, problems: [] }),
    });
    expect(output).toMatchObject({ certificates: 4, syncs: 1, orphaned: 0, problems: [] });
    expect(called(calls, 'CleanUpService')).toEqual([]);
  });
});
