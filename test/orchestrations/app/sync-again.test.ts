import { TransientError } from '../../../shared/domain/errors.ts';
import { bound, installed, observed, thumb } from './sync-world.ts';
import { makeStoppingSync } from './stopping-sync.ts';

describe('the sync of one source', () => {
  const sync = makeStoppingSync();

  it('still says what was removed when something arrives meanwhile', async () => {
    let first = true;
    const { result } = await sync(
      { work: [bound('a', 1, { leaving: true })] },
      {
        CloseSync: () => {
          const again = first;
          first = false;
          return { again };
        },
        ObserveSource: () => ({
          arrival: 1,
          observation: observed(2),
          asked: 'nothing',
          work: first ? [bound('a', 1, { leaving: true })] : [],
          problems: [],
          told: [],
          vaultSuffix: 'vault.azure.net',
        }),
      },
    );
    expect(result.targets).toMatchObject([{ outcome: 'removed' }]);
  });

  it.each(['nothing', 'unbind'] as const)(
    'still says why a new binding was refused when something arrives meanwhile and asks for %s',
    async (asked) => {
      let looks = 0;
      const { result } = await sync(
        {},
        {
          CloseSync: () => ({ again: looks === 1 }),
          ObserveSource: () => {
            looks += 1;
            return {
              arrival: looks,
              observation: observed(2),
              asked: looks === 1 ? 'nothing' : asked,
              // Nothing is left of it: what had been claimed for it was given back.
              work:
                looks === 1
                  ? [bound('a', 0, { standing: { kind: 'asked' }, state: { kind: 'unread' } })]
                  : [],
              problems: [],
              told: [],
              vaultSuffix: 'vault.azure.net',
            };
          },
        },
      );
      expect(looks).toBe(2);
      expect(result).toMatchObject(
        asked === 'nothing'
          ? { verdict: 'blocked', targets: [{ problem: { code: 'BINDING_NOT_ALLOWED' } }] }
          : { verdict: 'succeeded', targets: [] },
      );
    },
  );

  it('looks again as its last act when something arrived meanwhile', async () => {
    let looks = 0;
    const { result, calls, world } = await sync(
      {},
      {
        RefreshTarget: () => installed(2),
        ObserveSource: () => {
          looks += 1;
          return {
            arrival: looks === 1 ? 1 : 2,
            observation: observed(looks + 1),
            asked: 'nothing',
            work: [bound('a', looks === 1 ? 1 : 2)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
        CloseSync: ({ arrival }: { arrival: number }) => ({ again: arrival === 1 }),
        ObserveTarget: () => installed(3),
        RereadSource: () => observed(3),
      },
    );
    expect(world.closed).toBe(0);
    expect(looks).toBe(2);
    expect(calls.filter(({ name }) => name === 'ObserveSource')[1]?.input).toMatchObject({
      answered: 1,
    });
    // The whole operation went from the first version to the third.
    expect(result.targets[0]).toMatchObject({
      outcome: 'rotated',
      previousThumbprint: thumb(1),
      thumbprint: thumb(3),
    });
  });

  it('keeps what it changed in the result when a second look finds all in place', async () => {
    let looks = 0;
    const { result } = await sync(
      {},
      {
        ObserveSource: () => {
          looks += 1;
          return {
            arrival: looks,
            observation: observed(2),
            asked: 'nothing',
            work: [bound('a', looks === 1 ? 1 : 2)],
            problems: [],
            told: [],
            vaultSuffix: 'vault.azure.net',
          };
        },
        CloseSync: ({ arrival }: { arrival: number }) => ({ again: arrival < 3 }),
      },
    );
    expect(looks).toBe(3);
    expect(result.targets[0]).toMatchObject({ outcome: 'rotated', previousThumbprint: thumb(1) });
  });

  it('answers nothing that arrives after a look that failed', async () => {
    const world = { arrivals: 1, closed: 0 };
    const arrive = () => {
      world.arrivals += 1;
      return null;
    };
    const { result } = await sync(
      {},
      {
        ObserveSource: () => {
          throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'no answer' });
        },
        CloseSync: () => {
          world.closed = world.arrivals;
          return { again: false };
        },
        RecordSync: arrive,
        PublishOutcomes: arrive,
      },
    );
    expect(result.verdict).toBe('failed');
    expect(world).toEqual({ arrivals: 3, closed: 1 });
  });
});
