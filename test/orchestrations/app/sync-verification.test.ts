import { azureCalls, bound, installed, observed, thumb } from './sync-world.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of one source', () => {
  const sync = makeStoppingSync();

  it('reads again, on durable timers, when the refresh does not answer the current version', async () => {
    let reads = 0;
    const { result, calls } = await sync(
      {},
      {
        RefreshTarget: () => installed(1),
        ObserveTarget: () => {
          reads += 1;
          return installed(reads === 3 ? 2 : 1);
        },
      },
    );
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', thumbprint: thumb(2) });
    const at = calls
      .filter(({ name }) => name === 'ObserveTarget')
      .map((one) => Date.parse(one.at));
    expect(at.map((time) => Math.round((time - (at[0] ?? 0)) / 1_000))).toEqual([0, 2, 6]);
  });

  it('fails, and says so, when the target never reports the current version', async () => {
    const { result, calls } = await sync(
      {},
      { RefreshTarget: () => installed(1), ObserveTarget: () => installed(1) },
    );
    expect(result.verdict).toBe('failed');
    expect(result.targets[0]?.problem?.code).toBe('NOT_VERIFIED');
    expect(azureCalls(calls).filter((name) => name === 'ObserveTarget')).toHaveLength(4);
    expect(azureCalls(calls).filter((name) => name === 'RefreshTarget')).toHaveLength(1);
  });

  it('accepts a target that is ahead, once the vault shows the same version', async () => {
    const { result } = await sync(
      {},
      {
        RefreshTarget: () => installed(3),
        RereadSource: () => observed(3),
        ObserveTarget: () => installed(3),
      },
    );
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v3', thumbprint: thumb(3) });
  });

  it('asks why when a refresh is answered with a failed read of the vault', async () => {
    const { result, calls } = await sync(
      {},
      {
        RefreshTarget: () => {
          const answer = installed(1);
          if (answer.kind !== 'present') throw new Error('unreachable');
          const lastFailure = { code: 'Forbidden', message: 'no access' };
          return { ...answer, installed: { ...answer.installed, lastFailure } };
        },
        DiagnoseTarget: () => [{ code: 'PERMISSION_MISSING', message: 'no role' }],
      },
    );
    expect(azureCalls(calls)).toEqual(['ObserveSource', 'RefreshTarget', 'DiagnoseTarget']);
    expect(result.targets[0]).toMatchObject({
      outcome: 'blocked',
      problem: { code: 'PERMISSION_MISSING' },
      thumbprint: thumb(1),
    });
  });

  it('refreshes once more, at once, when a newer version came meanwhile', async () => {
    let refreshes = 0;
    const { result, calls } = await sync(
      {},
      {
        // The first refresh brings a version newer than the one seen, the vault is ahead again.
        RefreshTarget: () => installed((refreshes += 1) === 1 ? 5 : 9),
        RereadSource: () => observed(9),
      },
    );
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v9' });
    expect(azureCalls(calls)).toEqual([
      'ObserveSource',
      'RefreshTarget',
      'RereadSource',
      'RefreshTarget',
    ]);
    expect(new Set(calls.map(({ at }) => at)).size).toBe(1);
  });

  it('brings what was in order already to a version that came while another target was kept', async () => {
    const refreshed: string[] = [];
    const { result } = await sync(
      { work: [bound('early', 1), bound('late', 1)] },
      {
        // The vault gets a third version between the two refreshes.
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          refreshed.push(target.id);
          return installed(target.id === 'late' || refreshed.length > 2 ? 3 : 2);
        },
        RereadSource: () => observed(3),
      },
    );
    expect(refreshed).toEqual(['early', 'late', 'early']);
    expect(result).toMatchObject({ verdict: 'succeeded', version: 'v3' });
    expect(result.targets.map(({ thumbprint }) => thumbprint)).toEqual([thumb(3), thumb(3)]);
  });
});
