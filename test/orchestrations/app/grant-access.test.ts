import { grantAccess } from '../../../functions/orchestrations/grant-access.ts';
import * as contracts from '../../../shared/contracts/grant.ts';
import type { Given, Giving } from '../../../shared/contracts/grant.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { contractActivities } from './contract-activities.ts';
import { makeOrchestrationKit, type OrchestrationKit } from '../../support/orchestration-kit.ts';

const SOURCE = { vault: 'contoso-kv', name: 'reports' };
const TARGET = { kind: 'client-certificate', service: 'contoso-gw', id: 'reports' };
const BY = { kind: 'entra', id: 'p', name: 'Pat' };
const gift = (kind: Given['kind'], at: string): Given => ({
  ...{ kind, service: 'contoso-gw', resource: '/x', message: `${kind} was given.`, at },
});
const IDENTITY = gift('enable-identity', '2026-01-01T00:10:00.000Z');
const ROLE = gift('assign-role', '2026-01-01T00:11:00.000Z');
const FIREWALL = { code: 'VAULT_FIREWALL', message: 'closed', cure: 'az' } as const;

describe('a grant by hand', () => {
  let kit: OrchestrationKit | undefined;
  afterEach(async () => {
    await kit?.stop();
  });

  async function run(answers: readonly (Partial<Giving> | Error)[]) {
    let at = 0;
    kit = await makeOrchestrationKit({
      orchestrators: { GrantAccess: grantAccess },
      activities: contractActivities(Object.values(contracts), {
        GiveAccess: () => {
          const answer = answers[Math.min(at, answers.length - 1)];
          at += 1;
          if (answer instanceof Error) throw answer;
          return { kind: 'giving', state: 'complete', given: [], obstacles: [], ...answer };
        },
        PublishGrants: () => null,
        RequestSourceSync: () => ({ id: 'sync-x' }),
      }),
    });
    const input = { source: SOURCE, target: TARGET, by: BY };
    return await kit.run('GrantAccess', input, { instanceId: 'grant-test' });
  }
  const named = (calls: readonly { name: string; input: unknown }[], name: string) =>
    calls.filter((one) => one.name === name).map(({ input }) => input);

  it('says each step before it is done, waits, tells of each gift once, and asks for a sync', async () => {
    const { output, customStatuses, calls } = await run([
      { state: 'more', says: 'Enabling the identity' },
      { state: 'waiting', says: 'It is being enabled.', afterSeconds: 600 },
      { state: 'more', says: 'Giving the role', given: [IDENTITY] },
      { state: 'complete', given: [IDENTITY, ROLE] },
    ]);
    expect(output).toMatchObject({
      ...{ verdict: 'succeeded', given: [IDENTITY, ROLE], problems: [], sync: 'sync-x' },
      ...{ source: SOURCE, target: TARGET },
    });
    expect(customStatuses).toEqual(
      [
        'Looking at what contoso-gw lacks to read contoso-kv/reports',
        'Enabling the identity',
        'It is being enabled. Begun at 00:00:00 UTC, waited for until 02:30:00 UTC at most',
        'Giving the role',
        'enable-identity was given. assign-role was given.',
      ].map((step) => ({ step })),
    );
    expect(named(calls, 'PublishGrants')).toMatchObject([{ given: [IDENTITY] }, { given: [ROLE] }]);
    expect(named(calls, 'RequestSourceSync')).toEqual([{ source: SOURCE, by: BY }]);
    const asks = named(calls, 'GiveAccess') as { holder: string; onlyPlan?: true }[];
    expect(asks.map(({ onlyPlan }) => onlyPlan)).toEqual([true, undefined, undefined, undefined]);
    expect(new Set(asks.map(({ holder }) => holder)).size).toBe(1);
    expect(asks[0]).toMatchObject({ by: BY });
  });

  it('is blocked by what stays in the way, and has given what it could', async () => {
    const { output } = await run([{ state: 'complete', given: [ROLE], obstacles: [FIREWALL] }]);
    expect(output).toMatchObject({ verdict: 'blocked', given: [ROLE], problems: [FIREWALL] });
  });

  it('is blocked when Certkeeper itself may not', async () => {
    const problem = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not' } as const;
    const { output, calls } = await run([new TerminalError(problem)]);
    expect(output).toMatchObject({ verdict: 'blocked', problems: [problem] });
    expect(named(calls, 'RequestSourceSync')).toEqual([]);
  });

  it('ends when a service never comes to rest', async () => {
    const { output } = await run([
      { state: 'waiting', says: 'It is being enabled.', afterSeconds: 1_800 },
    ]);
    expect(output).toMatchObject({ verdict: 'failed', problems: [{ code: 'AZURE_UNAVAILABLE' }] });
  });

  it('ends when what is given is never seen', async () => {
    const { output, calls } = await run([{ state: 'more', says: 'Giving.' }]);
    expect(output).toMatchObject({ verdict: 'failed', problems: [{ code: 'AZURE_UNAVAILABLE' }] });
    expect(named(calls, 'GiveAccess').length).toBeLessThan(20);
  });

  it('has nothing to give where nothing is missing', async () => {
    const { output, customStatus } = await run([{ state: 'complete' }]);
    expect(output).toMatchObject({ verdict: 'succeeded', given: [] });
    expect(customStatus).toEqual({ step: 'There was nothing to give' });
  });
});
