import { TerminalError } from '../../../shared/domain/errors.ts';
import { makeStoppingSync } from './stopping-sync.ts';
import {
  azureCalls,
  bound,
  CLEAR,
  installed,
  observed,
  REFUSAL,
  thumb,
  wanted,
} from './sync-world.ts';

const NO_ROLE = { code: 'PERMISSION_MISSING', message: 'no role', cure: 'az role …' } as const;
const ON_ITS_WAY = { code: 'PERMISSION_PROPAGATING', message: 'given just now.' } as const;
const CONDITION = { code: 'PERMISSION_CONDITIONAL', message: 'under a condition' } as const;
const NOTICE = { code: 'POLICIES_IGNORED', message: 'a policy does not count' } as const;
const ABSENT = { ObserveTarget: () => ({ kind: 'absent' }) };
const refuse = (): never => {
  throw new TerminalError(REFUSAL);
};
const finds = (...findings: readonly object[]) => ({ ...CLEAR, doubtful: true, findings });

describe('the access that a sync needs', () => {
  const sync = makeStoppingSync();

  it('is checked before something is attached, and what blocks keeps it from being tried', async () => {
    const { result, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      { ...ABSENT, CheckTarget: () => ({ ...finds(NO_ROLE, CONDITION), blocked: true }) },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'ObserveTarget', 'CheckTarget']);
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      reason: 'AccessBlocked',
      problem: NO_ROLE,
      findings: [NO_ROLE, CONDITION],
    });
    expect(calls.find(({ name }) => name === 'PublishOutcomes')).toBeDefined();
  });

  it('lets the targets beside a blocked one be kept', async () => {
    const { result } = await sync(
      { work: [wanted('blocked'), bound('fine', 1)], asked: 'targets' },
      { ...ABSENT, CheckTarget: () => ({ ...finds(NO_ROLE), blocked: true }) },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['blocked', 'rotated']);
  });

  it('does not keep an attach from being tried where it only may be blocked', async () => {
    const { result, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      { ...ABSENT, CheckTarget: () => finds(CONDITION) },
    );
    expect(result.targets[0]?.outcome).toBe('attached');
    expect(calls.find(({ name }) => name === 'AttachTarget')?.input).toMatchObject({
      identity: { kind: 'system-assigned' },
    });
  });

  it('is not looked at anew when an attach is refused and the check has said why', async () => {
    const { result, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      { ...ABSENT, CheckTarget: () => finds(CONDITION), AttachTarget: refuse },
    );
    expect(azureCalls(calls)).not.toContain('DiagnoseTarget');
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      reason: 'Refused',
      problem: CONDITION,
      findings: [CONDITION, REFUSAL],
    });
  });

  it('is looked at when an attach is refused and the check found nothing to explain it', async () => {
    const { result, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      {
        ...ABSENT,
        CheckTarget: () => ({ ...CLEAR, findings: [NOTICE] }),
        AttachTarget: refuse,
        DiagnoseTarget: () => [NO_ROLE, REFUSAL],
      },
    );
    expect(calls.find(({ name }) => name === 'DiagnoseTarget')?.input).toMatchObject({
      state: { kind: 'absent' },
    });
    expect(result.targets[0]).toMatchObject({ problem: NO_ROLE });
  });

  it('is not checked on the way of a rotation', async () => {
    const { calls } = await sync({ work: [bound('a', 1)] });
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget']);
  });

  it('is waited for when a role was given just now, and what waits is said', async () => {
    let tries = 0;
    const { result, statuses, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      {
        ...ABSENT,
        CheckTarget: () => finds(ON_ITS_WAY),
        AttachTarget: () => ((tries += 1) < 4 ? refuse() : installed(2)),
      },
    );
    expect(result.targets[0]?.outcome).toBe('attached');
    const at = calls.filter(({ name }) => name === 'AttachTarget').map((one) => Date.parse(one.at));
    expect(at.map((time) => (time - (at[0] ?? 0)) / 1_000)).toEqual([0, 5, 15, 35]);
    expect(statuses).toContainEqual({
      step: 'contoso-kv/gateway-client: waiting. given just now. It is tried again until 00:10:00 UTC at most',
    });
  });

  it('is waited for on the way of a rotation too, also where the refusal is an answer', async () => {
    let tries = 0;
    const { result } = await sync(
      {},
      {
        RefreshTarget: () => {
          const answer = installed((tries += 1) < 3 ? 1 : 2);
          if (answer.kind !== 'present' || tries >= 3) return answer;
          const lastFailure = { code: 'Forbidden', message: 'no access' };
          return { ...answer, installed: { ...answer.installed, lastFailure } };
        },
        DiagnoseTarget: () => [ON_ITS_WAY, REFUSAL],
      },
    );
    expect(tries).toBe(3);
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(2) });
  });

  it('is waited for ten minutes at most, and is then left to the sweep', async () => {
    const { result, calls } = await sync(
      { work: [wanted('a')], asked: 'targets' },
      { ...ABSENT, CheckTarget: () => finds(ON_ITS_WAY), AttachTarget: refuse },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'failed', problem: ON_ITS_WAY });
    const at = calls.filter(({ name }) => name === 'AttachTarget').map((one) => Date.parse(one.at));
    expect(((at.at(-1) ?? 0) - (at[0] ?? 0)) / 1_000).toBe(600);
  });

  it('is not waited for when something blocks beside it', async () => {
    const { result, calls } = await sync(
      {},
      { RefreshTarget: refuse, DiagnoseTarget: () => [NO_ROLE, ON_ITS_WAY, REFUSAL] },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'blocked', problem: NO_ROLE });
    expect(azureCalls(calls).filter((name) => name === 'RefreshTarget')).toHaveLength(1);
  });

  it('keeps no newer version from the targets beside the one that waits', async () => {
    const refreshed: string[] = [];
    let attaches = 0;
    const { result } = await sync(
      { work: [wanted('waits'), bound('fine', 1)], asked: 'targets' },
      {
        ...ABSENT,
        CheckTarget: () => finds(ON_ITS_WAY),
        AttachTarget: () => ((attaches += 1) < 3 ? refuse() : installed(3)),
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          refreshed.push(target.id);
          return installed(refreshed.length + 1);
        },
        RereadSource: () => observed(attaches < 2 ? 2 : 3),
        ObserveTarget: ({ target }: { target: { id: string } }) =>
          target.id === 'waits' ? { kind: 'absent' } : installed(2),
      },
    );
    expect(refreshed).toEqual(['fine', 'fine']);
    expect(result.targets.map(({ thumbprint }) => thumbprint)).toEqual([thumb(3), thumb(3)]);
  });
});
