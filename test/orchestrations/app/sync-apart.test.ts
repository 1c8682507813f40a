import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import { bound, installed, observed, REFUSAL } from './sync-world.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of one source', () => {
  const sync = makeStoppingSync();

  it('lets targets fail apart: one refused, one unreachable, one rotated', async () => {
    const { result } = await sync(
      { work: [bound('refused', 1), bound('unreachable', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          if (target.id === 'refused') throw new TerminalError(REFUSAL);
          if (target.id === 'unreachable') {
            throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
          }
          return installed(2);
        },
        DiagnoseTarget: () => [
          { code: 'PERMISSION_MISSING', message: 'no role', cure: 'az role assignment create' },
          REFUSAL,
        ],
      },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['blocked', 'failed', 'rotated']);
    expect(result.targets[0]?.problem).toMatchObject({ code: 'PERMISSION_MISSING' });
    expect(result.targets[1]?.problem).toEqual({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
    expect(result.verdict).toBe('failed');
  });

  it('lets a target whose answer has another shape fail alone', async () => {
    const { result } = await sync(
      { work: [bound('odd', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) =>
          target.id === 'odd' ? { kind: 'present', installed: null } : installed(2),
      },
    );
    expect(result.targets.map(({ outcome }) => outcome)).toEqual(['failed', 'rotated']);
    expect(result.targets[0]?.problem?.code).toBe('INTERNAL_ERROR');
  });

  it('waits as long as a throttled service asks, and holds up no other target', async () => {
    let tries = 0;
    const { result, calls } = await sync(
      { work: [bound('throttled', 1), bound('fine', 1)] },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          if (target.id === 'throttled' && (tries += 1) === 1) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 60 },
            );
          }
          return installed(2);
        },
      },
    );
    const refreshes = calls.filter(({ name }) => name === 'RefreshTarget');
    expect(refreshes).toHaveLength(3);
    expect(Date.parse(refreshes[2]?.at ?? '') - Date.parse(refreshes[0]?.at ?? '')).toBe(60_000);
    expect(result.verdict).toBe('succeeded');
  });

  it('gives up none of many targets whose services are throttled at different times', async () => {
    const tries = new Map<string, number>();
    const ids = Array.from({ length: 30 }, (_, index) => `t${String(index)}`);
    const { result } = await sync(
      { work: ids.map((id) => bound(id, 1)) },
      {
        RefreshTarget: ({ target }: { target: { id: string } }) => {
          const before = tries.get(target.id) ?? 0;
          tries.set(target.id, before + 1);
          if (before < 2) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 10 + Number(target.id.slice(1)) },
            );
          }
          return installed(2);
        },
      },
    );
    expect(new Set(result.targets.map(({ outcome }) => outcome))).toEqual(new Set(['rotated']));
  });

  it('waits as long as a throttled vault asks before it looks at the source', async () => {
    let tries = 0;
    const { result, calls } = await sync(
      {},
      {
        ObserveSource: () => {
          if ((tries += 1) === 1) {
            throw new TransientError(
              { code: 'AZURE_UNAVAILABLE', message: '429' },
              { retryAfterSeconds: 7 },
            );
          }
          return {
            arrival: 1,
            observation: observed(2),
            asked: 'nothing',
            work: [bound('a', 1)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
      },
    );
    const [first, second] = calls.filter(({ name }) => name === 'ObserveSource');
    expect(Date.parse(second?.at ?? '') - Date.parse(first?.at ?? '')).toBe(7_000);
    expect(result.verdict).toBe('succeeded');
  });
});
