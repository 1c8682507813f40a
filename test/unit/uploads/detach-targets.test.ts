import { detachDirectly } from '../../../functions/triggers/uploads/detach-directly.ts';
import { planDetaching } from '../../../functions/triggers/uploads/detach-targets.ts';
import { requireUnused } from '../../../functions/activities/remove-target.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import type { IndexedUsage } from '../../../shared/domain/usage-ports.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import {
  makeBinding,
  makePresent,
  makeState,
  NOW,
  OLD_THUMBPRINT,
  SOURCE,
  SUFFIX,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryHistory } from '../../support/memory-history.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';
import { referenceIn } from '../../support/repair-world.ts';

const USED = referenceIn('backends/orders', { by: 'id' });
const PERHAPS = referenceIn('policies/policy', { by: 'expression', certainty: 'possible' });
const LATER = '2026-07-25T09:09:09.000Z';
const WITHOUT_ETAG = withoutEtag(makeState());

function withoutEtag(state: TargetState): TargetState {
  if (state.kind !== 'present') throw new Error('it is there');
  const { etag: _, ...installed } = state.installed;
  return { kind: 'present', installed };
}

function detach(
  indexed: readonly CertificateReference[] | 'never complete',
  live: readonly CertificateReference[],
  { force = false, state = makeState() }: { force?: boolean; state?: TargetState } = {},
) {
  const scan = jest.fn(() => Promise.resolve({ asOf: LATER, of: () => live, ofSource: () => [] }));
  const of = (): Promise<IndexedUsage | undefined> =>
    Promise.resolve(indexed === 'never complete' ? undefined : { asOf: NOW, references: indexed });
  const result = planDetaching(
    {
      rules: [],
      vaultSuffix: SUFFIX,
      ledger: makeMemoryLedger([makeBinding({ origin: 'http' })]),
      history: makeMemoryHistory(),
      vaults: { readCurrent: () => Promise.resolve(makePresent()) },
      observe: () => Promise.resolve(state),
      index: { of },
      requireUnused: (target, thumbprints, forced) =>
        requireUnused({ scan }, target, thumbprints, forced),
      now: () => new Date(NOW),
    },
    {
      source: SOURCE,
      paths: [formatTarget(TARGET)],
      asker: { by: { kind: 'function-key' }, mayManage: true },
      force,
    },
  );
  return { scan, result };
}

describe('A call that detaches a target', () => {
  test.each<[sentence: string, indexed: Parameters<typeof detach>[0]]>([
    ['knows of nothing that uses it', []],
    ['was never complete', 'never complete'],
  ])('is taken without a look where the index %s', async (_, indexed) => {
    const { scan, result } = detach(indexed, [USED]);
    await expect(result).resolves.toMatchObject({ targets: [{ step: 'remove' }] });
    expect(scan).not.toHaveBeenCalled();
  });

  test.each([[USED], [PERHAPS]])(
    'is taken when API Management does not show any more what the index says: %j',
    async (stale) => {
      const { scan, result } = detach([stale], []);
      await expect(result).resolves.toMatchObject({ targets: [{ step: 'remove' }] });
      expect(scan).toHaveBeenCalledTimes(1);
    },
  );

  test.each([
    [USED, 'TARGET_IN_USE'],
    [PERHAPS, 'TARGET_MAY_BE_IN_USE'],
  ] as const)('is refused when it does, and says when that was read: %j', async (one, code) => {
    await expect(detach([one], [one]).result).rejects.toMatchObject({
      problem: { code, message: expect.stringContaining(LATER) as string },
    });
  });

  test('is not refused for what may use it when it is forced, and needs no look then', async () => {
    const { scan, result } = detach([PERHAPS], [PERHAPS], { force: true });
    await expect(result).resolves.toMatchObject({ force: true });
    expect(scan).not.toHaveBeenCalled();
  });

  test('is refused when API Management tells no ETag to tie the removal to', async () => {
    await expect(detach([], [], { state: WITHOUT_ETAG }).result).rejects.toMatchObject({
      problem: { code: 'TARGET_CHANGED', message: expect.stringContaining('no ETag') as string },
    });
  });
});

test('what is in no vault is not removed either where API Management tells no ETag', async () => {
  const source = { vault: 'none', name: 'orders' };
  const remove = jest.fn(() => Promise.resolve());
  const state = withoutEtag(
    makeState({ reference: { kind: 'uploaded' }, thumbprint: OLD_THUMBPRINT }),
  );
  const ports = {
    ledger: makeMemoryLedger([
      makeBinding({ source, origin: 'http', pushed: { thumbprint: OLD_THUMBPRINT } }),
    ]),
    rules: [],
    pushed: { observe: () => Promise.resolve(state), remove },
    requireUnused: () => Promise.resolve(),
    history: makeMemoryHistory(),
    now: () => new Date(NOW),
  };
  // What uploads need besides is not asked for.
  const asked = {
    source,
    paths: [formatTarget(TARGET)],
    asker: { by: { kind: 'function-key' }, mayManage: true },
    ...{ dryRun: false, force: false },
  } as const;
  await expect(
    detachDirectly(ports as unknown as Parameters<typeof detachDirectly>[0], asked),
  ).rejects.toMatchObject({ problem: { code: 'TARGET_CHANGED' } });
  expect(remove).not.toHaveBeenCalled();
});
