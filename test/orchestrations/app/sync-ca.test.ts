/** Syncs whose target is a store of CA certificates: an update that takes 15 minutes and more. */
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import type { OrchestrationKit } from '../../support/orchestration-kit.ts';
import {
  bound,
  boundInStore,
  observed,
  storeLists,
  syncAgainst,
  thumb,
  type SyncWorld,
} from './sync-world.ts';

const WAITING = {
  kind: 'waiting',
  says: 'The CA certificates of contoso-gw are being updated.',
  afterSeconds: 60,
} as const;
const UNKNOWN = { code: 'CA_ENTRIES_UNKNOWN', message: 'It would lose some.' } as const;

describe('a certificate at a store of CA certificates', () => {
  const kits: OrchestrationKit[] = [];
  afterEach(async () => {
    for (const kit of kits.splice(0)) await kit.stop();
  });

  async function sync(some: Partial<SyncWorld>, bend: Parameters<typeof syncAgainst>[1] = {}) {
    const ran = await syncAgainst({ work: [boundInStore(1)], ...some }, bend);
    kits.push(ran.kit);
    return ran;
  }
  const named = (calls: readonly { name: string; input: unknown }[], name: string) =>
    calls.filter((one) => one.name === name).map(({ input }) => input);

  it('that is current by the ledger costs nothing', async () => {
    const { result, calls } = await sync({ work: [boundInStore(2)] });
    expect(result.targets).toMatchObject([{ outcome: 'current' }]);
    expect(named(calls, 'KeepCaTarget')).toEqual([]);
  });

  it('is rotated: the new version is asked for, waited for and verified', async () => {
    let asks = 0;
    const { result, calls, statuses } = await sync(
      {},
      {
        KeepCaTarget: (): unknown => {
          asks += 1;
          return asks < 20 ? WAITING : storeLists(2, true);
        },
      },
    );
    expect(result).toMatchObject({
      verdict: 'succeeded',
      targets: [
        {
          ...{ target: 'contoso-gw/ca/Root', outcome: 'rotated', reason: 'NewVersion' },
          ...{ thumbprint: thumb(2), previousThumbprint: thumb(1) },
        },
      ],
    });
    const inputs = named(calls, 'KeepCaTarget') as { asker: string; wanted: object }[];
    expect(inputs).toHaveLength(20);
    expect(new Set(inputs.map(({ asker }) => asker)).size).toBe(1);
    expect(inputs[0]?.wanted).toEqual({ version: 'v2', thumbprint: thumb(2) });
    expect(JSON.stringify(statuses)).toContain('waiting. The CA certificates of contoso-gw');
  });

  it('holds up no other target meanwhile', async () => {
    let rotatedAt = '';
    const { calls } = await sync(
      { work: [boundInStore(1), bound('gateway-client', 1)] },
      {
        KeepCaTarget: (): unknown => (rotatedAt === '' ? WAITING : storeLists(2, true)),
        RefreshTarget: (): TargetState => {
          rotatedAt = 'done';
          return {
            kind: 'present',
            installed: {
              reference: {
                kind: 'key-vault',
                secret: {
                  source: { vault: 'contoso-kv', name: 'gateway-client' },
                  collection: 'secrets',
                },
              },
              thumbprint: thumb(2),
            },
          };
        },
      },
    );
    const [refresh] = calls.filter(({ name }) => name === 'RefreshTarget');
    const keeps = calls.filter(({ name }) => name === 'KeepCaTarget');
    expect(keeps).toHaveLength(2);
    expect(refresh?.at).toBe(keeps[0]?.at);
  });

  it('follows a version that comes while it waits', async () => {
    let asks = 0;
    const { result } = await sync(
      {},
      {
        KeepCaTarget: ({ wanted }: { wanted: { version: string } }): unknown => {
          asks += 1;
          return asks < 3 ? WAITING : storeLists(Number(wanted.version.slice(1)), true);
        },
        RereadSource: () => observed(asks < 2 ? 2 : 3),
      },
    );
    expect(result.targets).toMatchObject([{ outcome: 'rotated', thumbprint: thumb(3) }]);
  });

  it('that a tag asks for is put there only where CERTKEEPER_ALLOW consents', async () => {
    const asked = { standing: { kind: 'asked' }, state: { kind: 'unread' } } as const;
    const { pushedThumbprint: _, ...work } = boundInStore(1, asked);
    const bend = { ObserveTarget: (): TargetState => ({ kind: 'absent' }) };
    const refused = await sync({ work: [work] }, bend);
    expect(refused.result.targets).toMatchObject([{ outcome: 'blocked', reason: 'NotAllowed' }]);
    const allowed = await sync({ work: [{ ...work, consented: true }] }, bend);
    expect(allowed.result.targets).toMatchObject([{ outcome: 'attached', reason: 'TargetAbsent' }]);
  });

  it('that is there already is written down as the source’s, and is current', async () => {
    const asked = {
      standing: { kind: 'asked' },
      state: { kind: 'unread' },
      consented: true,
    } as const;
    const { pushedThumbprint: _, ...work } = boundInStore(2, asked);
    const { result, calls } = await sync(
      { work: [work] },
      {
        ObserveTarget: (): TargetState => ({
          kind: 'present',
          installed: { reference: { kind: 'uploaded', ofSource: false }, thumbprint: thumb(2) },
        }),
        KeepCaTarget: () => storeLists(2),
      },
    );
    expect(named(calls, 'KeepCaTarget')).toHaveLength(1);
    expect(result.targets).toMatchObject([{ outcome: 'current' }]);
  });

  it('is blocked by what the update would lose; nothing else is looked for', async () => {
    const { result, calls } = await sync(
      {},
      {
        KeepCaTarget: () => {
          throw new TerminalError(UNKNOWN);
        },
      },
    );
    expect(result).toMatchObject({
      verdict: 'blocked',
      targets: [{ outcome: 'blocked', reason: 'Refused', problem: UNKNOWN }],
    });
    expect(named(calls, 'DiagnoseTarget')).toEqual([]);
  });

  it('gives up after hours', async () => {
    const { result } = await sync(
      {},
      { KeepCaTarget: () => ({ ...WAITING, afterSeconds: 3_600 }) },
    );
    expect(result.targets).toMatchObject([
      { outcome: 'blocked', problem: { code: 'CA_UPDATE_UNFINISHED' } },
    ]);
  });

  describe('that is detached', () => {
    const leaving = boundInStore(2, { leaving: true });

    it('is taken out of the store, and waited for', async () => {
      let asks = 0;
      const { result } = await sync(
        { work: [leaving] },
        {
          LetCaTargetGo: (): unknown => {
            asks += 1;
            return asks < 5 ? WAITING : { kind: 'absent' };
          },
        },
      );
      expect(result.targets).toMatchObject([{ outcome: 'removed', reason: 'DetachAsked' }]);
    });

    it('is given up where others hold it too', async () => {
      const { result } = await sync({ work: [leaving] }, { LetCaTargetGo: () => storeLists(2) });
      expect(result.targets).toMatchObject([{ outcome: 'released', reason: 'NotOurs' }]);
    });
  });
});
