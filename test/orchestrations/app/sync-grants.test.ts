import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Given, Giving } from '../../../shared/contracts/grant.ts';
import { makeStoppingSync } from './stopping-sync.ts';
import { bound, CLEAR, installed, REFUSAL, thumb, wanted, type SyncWorld } from './sync-world.ts';

const NO_ROLE = { code: 'PERMISSION_MISSING', message: 'no role', cure: 'az role …' } as const;
const UPDATING = { code: 'SERVICE_UPDATING', message: 'is updating', cure: 'wait' } as const;
const FIREWALL = { code: 'VAULT_FIREWALL', message: 'a firewall', cure: 'az …' } as const;
const OWN = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'may not', cure: 'az …' } as const;
const HARM = { code: 'SERVICE_CHANGED_UNEXPECTEDLY', message: 'lost a tag', cure: 'az …' } as const;
const ROLE: Given = {
  kind: 'assign-role',
  service: 'contoso-gw',
  vault: 'contoso-kv',
  principalId: 'object-id',
  resource: '/kv',
  message: 'contoso-gw was given the role.',
  at: '2026-01-01T00:00:00.000Z',
};
const SAYS = 'Giving contoso-gw the role Key Vault Certificate User at contoso-kv';

const giving = (state: Giving['state'], more: Partial<Giving> = {}): Giving => ({
  kind: 'giving',
  state,
  given: [],
  obstacles: [],
  ...more,
});
const refuse = (): never => {
  throw new TerminalError(REFUSAL);
};
const AUTO: Partial<SyncWorld> = { work: [wanted('a')], asked: 'targets', grantAccess: 'auto' };
const ABSENT = { ObserveTarget: () => ({ kind: 'absent' }) };
const blockedBy = (...findings: readonly object[]) => ({ ...CLEAR, blocked: true, findings });
interface Ask {
  onlyPlan?: true;
  holder: string;
}

/** A vault that a service may read once the role was given. */
function untilGiven() {
  let given = false;
  return {
    ...ABSENT,
    CheckTarget: () => (given ? CLEAR : blockedBy(NO_ROLE)),
    GiveAccess: ({ onlyPlan }: Ask) => {
      if (onlyPlan === true) return giving('more', { says: SAYS });
      given = true;
      return giving('complete', { given: [ROLE] });
    },
  };
}

describe('a sync that may give access', () => {
  const sync = makeStoppingSync();

  it('gives what blocks an attach, says so before, and goes on', async () => {
    const { result, statuses, calls } = await sync(AUTO, untilGiven());
    expect(result.targets[0]).toMatchObject({ outcome: 'attached', thumbprint: thumb(2) });
    expect(statuses).toContainEqual({
      step: `contoso-kv/gateway-client: giving contoso-gw the role Key Vault Certificate User at contoso-kv`,
    });
    const names = calls.map(({ name }) => name);
    expect(names.filter((name) => name === 'GiveAccess')).toHaveLength(2);
    expect(calls.find(({ name }) => name === 'PublishGrants')?.input).toMatchObject({
      target: 'contoso-gw/certificates/a',
      given: [ROLE],
    });
    expect(calls.find(({ name }) => name === 'GiveAccess')?.input).toMatchObject({
      by: { kind: 'platform' },
      state: { kind: 'absent' },
    });
  });

  it('gives nothing unless the setting says so', async () => {
    const { grantAccess: _, ...never } = AUTO;
    const { result, calls } = await sync(never, untilGiven());
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: NO_ROLE });
    expect(calls.some(({ name }) => name === 'GiveAccess')).toBe(false);
  });

  it('gives nothing for a pair that is not allowed, even where it is bound already', async () => {
    const { result, calls } = await sync(
      { ...AUTO, work: [bound('a', 1)] },
      { RefreshTarget: refuse, DiagnoseTarget: () => [NO_ROLE, REFUSAL] },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: NO_ROLE });
    expect(calls.some(({ name }) => name === 'GiveAccess')).toBe(false);
  });

  it('gives what keeps a rotation from reading, and refreshes anew', async () => {
    let given = false;
    const { result } = await sync(
      { ...AUTO, work: [bound('a', 1, { consented: true })] },
      {
        RefreshTarget: () => (given ? installed(2) : refuse()),
        DiagnoseTarget: () => [NO_ROLE, REFUSAL],
        GiveAccess: () => {
          given = true;
          return giving('complete', { given: [ROLE] });
        },
      },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(2) });
  });

  it('waits for what was given to count, for ten minutes at most, and says so', async () => {
    let tries = 0;
    const { result, statuses, calls } = await sync(AUTO, {
      ...untilGiven(),
      AttachTarget: () => ((tries += 1) < 4 ? refuse() : installed(2)),
      DiagnoseTarget: () => [REFUSAL],
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'attached' });
    const at = calls.filter(({ name }) => name === 'AttachTarget').map((one) => Date.parse(one.at));
    expect(at.map((time) => (time - (at[0] ?? 0)) / 1_000)).toEqual([0, 5, 15, 35]);
    expect(JSON.stringify(statuses)).toMatch(
      /was given access at 2026-01-01T00:00:00.*It is tried again until 00:10:00 UTC at most/,
    );
  });

  it('waits for what was given however long something else was waited for before', async () => {
    let [given, tries, checks] = [false, 0, 0];
    const { result, calls } = await sync(AUTO, {
      ...ABSENT,
      CheckTarget: () => {
        if (given) return CLEAR;
        return (checks += 1) < 3 ? blockedBy(UPDATING) : blockedBy(NO_ROLE);
      },
      GiveAccess: ({ onlyPlan }: Ask) => {
        if (onlyPlan === true) return giving('more', { says: SAYS });
        tries += 1;
        if (tries < 20) return giving('waiting', { says: 'It goes on.', afterSeconds: 60 });
        given = true;
        tries = 0;
        return giving('complete', { given: [ROLE] });
      },
      AttachTarget: () => ((tries += 1) < 4 ? refuse() : installed(2)),
      DiagnoseTarget: () => [REFUSAL],
    });
    expect(calls.filter(({ name }) => name === 'CheckTarget').length).toBeGreaterThan(2);
    expect(result.targets[0]).toMatchObject({ outcome: 'attached' });
  });

  it('ends when what is given is never seen', async () => {
    const { result, calls } = await sync(AUTO, {
      ...untilGiven(),
      GiveAccess: () => giving('more', { says: SAYS }),
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: NO_ROLE });
    expect(calls.filter(({ name }) => name === 'GiveAccess').length).toBeLessThan(20);
  });

  it('ends when what was given never counts', async () => {
    const { result, calls } = await sync(AUTO, {
      ...untilGiven(),
      AttachTarget: refuse,
      DiagnoseTarget: () => [REFUSAL],
    });
    expect(result.verdict).not.toBe('succeeded');
    const last = calls.filter(({ name }) => name === 'AttachTarget').at(-1);
    const begin = Date.parse('2026-01-01T00:00:00Z');
    expect(Date.parse(last?.at ?? '') - begin).toBeLessThanOrEqual(11 * 60_000);
    expect(calls.filter(({ name }) => name === 'GiveAccess')).toHaveLength(2);
  });

  it('does not give twice where the check still misses what was given', async () => {
    let checks = 0;
    const { result, calls } = await sync(AUTO, {
      ...untilGiven(),
      CheckTarget: () => ((checks += 1) < 4 ? blockedBy(NO_ROLE) : CLEAR),
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'attached' });
    expect(calls.filter(({ name }) => name === 'GiveAccess')).toHaveLength(2);
  });

  it('holds up no other target while a service takes its time', async () => {
    let asked = 0;
    const { result, calls, statuses } = await sync(
      { ...AUTO, work: [wanted('a'), bound('b', 1)] },
      {
        ...untilGiven(),
        GiveAccess: ({ onlyPlan }: Ask) => {
          if (onlyPlan === true) return giving('more', { says: 'Enabling the identity' });
          asked += 1;
          return asked < 30
            ? giving('waiting', { says: 'It is being enabled.', afterSeconds: 60 })
            : giving('withheld', { obstacles: [FIREWALL] });
        },
      },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['blocked', 'rotated']);
    const refreshed = calls.find(({ name }) => name === 'RefreshTarget');
    expect(Date.parse(refreshed?.at ?? '')).toBe(Date.parse('2026-01-01T00:00:00Z'));
    expect(JSON.stringify(statuses)).toContain(
      'waiting. It is being enabled. Begun at 00:00:00 UTC, waited for until 02:30:00 UTC at most',
    );
    // A new version of the source is noticed meanwhile.
    expect(calls.filter(({ name }) => name === 'RereadSource').length).toBeGreaterThan(20);
  });

  it('ends when a service never comes to rest', async () => {
    const { result, calls } = await sync(AUTO, {
      ...untilGiven(),
      GiveAccess: () => giving('waiting', { says: 'It is being enabled.', afterSeconds: 600 }),
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: NO_ROLE });
    expect(calls.filter(({ name }) => name === 'GiveAccess').length).toBeLessThan(20);
  });

  it('says beside what is missing why nothing was given', async () => {
    const { result } = await sync(AUTO, {
      ...untilGiven(),
      GiveAccess: () => giving('withheld', { obstacles: [FIREWALL] }),
    });
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      reason: 'AccessBlocked',
      problem: NO_ROLE,
      findings: [NO_ROLE, FIREWALL],
    });
  });

  it('says apart that Certkeeper itself may not give it', async () => {
    const { result } = await sync(AUTO, {
      ...untilGiven(),
      GiveAccess: () => {
        throw new TerminalError(OWN);
      },
    });
    expect(result.targets[0]).toMatchObject({ problem: NO_ROLE, findings: [NO_ROLE, OWN] });
  });

  it('puts first what a service lost, and tells what it was given all the same', async () => {
    const { result, calls } = await sync(AUTO, {
      ...untilGiven(),
      GiveAccess: () => giving('withheld', { given: [ROLE], obstacles: [HARM] }),
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: HARM });
    expect(calls.find(({ name }) => name === 'PublishGrants')?.input).toMatchObject({
      given: [ROLE],
    });
  });

  it('waits as long as Azure asks for', async () => {
    let calls = 0;
    const behaviour = untilGiven();
    const { result } = await sync(AUTO, {
      ...behaviour,
      GiveAccess: (ask: Ask) => {
        calls += 1;
        if (calls > 1 && calls < 15) {
          throw new TransientError(
            { code: 'AZURE_UNAVAILABLE', message: 'being changed' },
            { retryAfterSeconds: 30 },
          );
        }
        return behaviour.GiveAccess(ask);
      },
    });
    expect(result.targets[0]).toMatchObject({ outcome: 'attached' });
  });
});
