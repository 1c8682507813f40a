import { sweep } from '../../../functions/orchestrations/sweep.ts';
import { checkServiceAccess } from '../../../shared/contracts/access.ts';
import * as sweepContracts from '../../../shared/contracts/sweep.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const SOURCE = { vault: 'contoso-kv', name: 'gateway-client' };
const PROBLEM = { code: 'PERMISSION_MISSING', message: 'no role' } as const;
const FINE = { checked: 3, broken: 0, restored: 0, examples: [] };

describe('the sweep', () => {
  const kits: OrchestrationKit[] = [];
  const run = async (bend: Behaviour = {}, services = ['contoso-gw', 'contoso-eu-gw']) => {
    const activities = contractActivities([...Object.values(sweepContracts), checkServiceAccess], {
      ListCare: () => ({ vaults: ['contoso-kv'], services }),
      SurveyService: () => ({ certificates: 1, discovered: 1, problems: [] }),
      SurveyVault: () => ({ certificates: 4, syncs: 1, problems: [] }),
      CheckServiceAccess: () => FINE,
      ...bend,
    });
    const kit = await makeOrchestrationKit({ orchestrators: { Sweep: sweep }, activities });
    kits.push(kit);
    return await kit.run('Sweep', undefined, { instanceId: 'sweep' });
  };
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  it('counts what it saw, the access of what is bound among it', async () => {
    const { output } = await run();
    expect(output).toEqual({
      services: 2,
      vaults: 1,
      certificates: 4,
      discovered: 2,
      syncs: 1,
      accessChecked: 6,
      accessBroken: 0,
      problems: [],
    });
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
    const checks = calls.filter(({ name }) => name === 'CheckServiceAccess');
    expect(checks).toHaveLength(20);
    expect(checks[0]?.input).toMatchObject({ service: 'gw-0', operation: 'sweep' });
  });
});
