import { checkVaultAccess } from '../../../functions/orchestrations/check-vault-access.ts';
import * as accessContracts from '../../../shared/contracts/access.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { contractActivities, type Behaviour } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const PROBLEM = { code: 'PERMISSION_MISSING', message: 'no policy' } as const;
const EXAMPLE = {
  source: { vault: 'contoso-kv', name: 'gateway-client' },
  target: 'contoso-gw/certificates/gateway-client',
  problem: PROBLEM,
};
const FINE = { checked: 2, broken: 0, restored: 0, examples: [] };
const BROKEN = { checked: 2, broken: 1, restored: 0, examples: [EXAMPLE] };

describe('the check of who can read a vault', () => {
  const kits: OrchestrationKit[] = [];
  const run = async (bend: Behaviour = {}) => {
    const kit = await makeOrchestrationKit({
      orchestrators: { CheckVaultAccess: checkVaultAccess },
      activities: contractActivities(Object.values(accessContracts), {
        OpenVaultCheck: () => ({ arrival: 1, services: ['contoso-eu-gw', 'contoso-gw'] }),
        CheckServiceAccess: () => FINE,
        CloseVaultCheck: () => ({ again: false }),
        ...bend,
      }),
    });
    kits.push(kit);
    const input = { vault: 'contoso-kv' };
    return await kit.run('CheckVaultAccess', input, { instanceId: 'access-contoso-kv' });
  };
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  it('looks at every service that uses it, at once and once more half a minute later', async () => {
    const { output, calls } = await run();
    const checks = calls.filter(({ name }) => name === 'CheckServiceAccess');
    expect(checks.map(({ input, at }) => [(input as { service: string }).service, at])).toEqual([
      ['contoso-eu-gw', '2026-01-01T00:00:00.000Z'],
      ['contoso-gw', '2026-01-01T00:00:00.000Z'],
      ['contoso-eu-gw', '2026-01-01T00:00:30.000Z'],
      ['contoso-gw', '2026-01-01T00:00:30.000Z'],
    ]);
    expect(checks[0]?.input).toMatchObject({
      vault: 'contoso-kv',
      operation: 'access-contoso-kv',
    });
    expect(output).toEqual({
      vault: 'contoso-kv',
      services: 2,
      checked: 4,
      broken: 0,
      restored: 0,
      examples: [],
      problems: [],
    });
  });

  it('says what broke, also when only the second look sees it', async () => {
    let looks = 0;
    const { output, customStatuses } = await run({
      CheckServiceAccess: () => ((looks += 1) > 2 ? BROKEN : FINE),
    });
    expect(output).toMatchObject({ broken: 2, examples: [EXAMPLE, EXAMPLE] });
    expect(customStatuses).toEqual([
      { step: 'Reading what uses contoso-kv' },
      { step: 'Checking access: 2 of 2 services' },
      { step: 'Looking once more in 30 seconds' },
      { step: 'Checking access: 2 of 2 services' },
      { step: 'Done' },
    ]);
  });

  it('counts what came right at either look', async () => {
    let looks = 0;
    const { output } = await run({
      CheckServiceAccess: () => ({ ...FINE, restored: (looks += 1) % 2 }),
    });
    expect(output).toMatchObject({ restored: 2 });
  });

  it('waits for nothing where nothing uses the vault', async () => {
    const { output, calls } = await run({ OpenVaultCheck: () => ({ arrival: 1, services: [] }) });
    expect(output).toMatchObject({ services: 0, checked: 0 });
    expect(calls.map(({ name }) => name)).toEqual(['OpenVaultCheck', 'CloseVaultCheck']);
    expect(calls[1]?.at).toBe(calls[0]?.at);
  });

  it('looks again as its last act when something arrived meanwhile', async () => {
    let closes = 0;
    const { output, calls } = await run({
      OpenVaultCheck: () => ({ arrival: closes + 1, services: ['contoso-gw'] }),
      CloseVaultCheck: () => ({ again: (closes += 1) === 1 }),
    });
    const closed = calls.filter(({ name }) => name === 'CloseVaultCheck');
    expect(closed.map(({ input }) => (input as { arrival: number }).arrival)).toEqual([1, 2]);
    expect(calls.filter(({ name }) => name === 'CheckServiceAccess')).toHaveLength(4);
    expect(output).toMatchObject({ vault: 'contoso-kv', checked: 2 });
  });

  it('reports a service that it could not look at, and looks at the others', async () => {
    const { output } = await run({
      CheckServiceAccess: ({ service }: { service: string }) => {
        if (service === 'contoso-gw') throw new TerminalError(PROBLEM);
        return FINE;
      },
    });
    expect(output).toMatchObject({ checked: 2, problems: [PROBLEM] });
  });

  it('says so when it cannot tell what uses the vault', async () => {
    const { output, calls } = await run({
      OpenVaultCheck: () => {
        throw new TerminalError(PROBLEM);
      },
    });
    expect(output).toMatchObject({ vault: 'contoso-kv', problems: [PROBLEM] });
    expect(calls.map(({ name }) => name)).toEqual(['OpenVaultCheck']);
  });
});
