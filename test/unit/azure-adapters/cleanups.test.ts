import { makeCleanups } from '../../../shared/azure/cleanups.ts';
import type { Cleanup } from '../../../shared/domain/cleanup.ts';
import type { Cleanups } from '../../../shared/domain/cleanup-ports.ts';
import { findDoubted } from '../../../shared/domain/orphans.ts';
import { cleanupId } from '../../../functions/activities/cleanup/cleanup-id.ts';
import {
  NOW,
  OTHER_SOURCE,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const EARLIER = '2026-07-01T00:00:00.000Z';

function cleanup(more: Partial<Cleanup> = {}): Cleanup {
  const { source = SOURCE, target = TARGET, since = EARLIER } = more;
  return {
    ...{ id: cleanupId(source, target, since), source, target, since },
    ...{ status: 'intended', fate: 'soft-deleted', at: NOW, operation: 'sweep' },
    binding: { origin: 'tag' },
    installed: {
      secretIdentifier: 'https://contoso-kv.vault.azure.net/secrets/gateway-client',
      thumbprint: 'A'.repeat(40),
      etag: '"1"',
    },
    tags: { owner: 'team-a' },
    recoverableUntil: '2026-10-01T00:00:00.000Z',
    scannedAt: NOW,
    ...more,
  };
}
const all = async (list: AsyncIterable<{ readonly cleanup: Cleanup }>) => {
  const found: Cleanup[] = [];
  for await (const one of list) found.push(one.cleanup);
  return found;
};

const openOf = async (cleanups: Cleanups) => (await cleanups.open('contoso-kv')).removals;

describe('Removals', () => {
  test('are answered as they were written down', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    for (const one of [
      cleanup(),
      cleanup({ target: WORKSPACE_TARGET, installed: { etag: '"2"' } }),
    ]) {
      await expect(cleanups.add(one)).resolves.toBe(true);
      await expect(cleanups.find(one.id)).resolves.toMatchObject({ cleanup: one });
    }
  });

  test('are added once', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    await cleanups.add(cleanup());
    await expect(cleanups.add(cleanup({ at: EARLIER }))).resolves.toBe(false);
    await expect(cleanups.find(cleanup().id)).resolves.toMatchObject({ cleanup: { at: NOW } });
  });

  test('are replaced only while they are what was read', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    await cleanups.add(cleanup());
    const [one, other] = [await cleanups.find(cleanup().id), await cleanups.find(cleanup().id)];
    if (one === undefined || other === undefined) throw new Error('it is there');
    await expect(cleanups.replace(one, cleanup({ status: 'removed' }))).resolves.toBe(true);
    await expect(cleanups.replace(other, cleanup({ status: 'given-up' }))).resolves.toBe(false);
    await expect(cleanups.find(one.cleanup.id)).resolves.toMatchObject({
      cleanup: { status: 'removed' },
    });
  });

  test('are listed with the latest deletion first, from any place on', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    const days = ['2026-07-03', '2026-07-01', '2026-07-02'].map((day) =>
      cleanup({ since: `${day}T00:00:00.000Z` }),
    );
    for (const one of days) await cleanups.add(one);
    const [last, first, middle] = days;
    await expect(all(cleanups.list())).resolves.toEqual([last, middle, first]);
    await expect(all(cleanups.list(middle?.id))).resolves.toEqual([first]);
  });

  test('of a vault are found while they can be undone', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    const elsewhere = cleanup({ source: { ...OTHER_SOURCE, vault: 'other-kv' } });
    await cleanups.add(cleanup());
    await cleanups.add(elsewhere);
    const open = async () => {
      const found = [];
      for (const one of await openOf(cleanups)) {
        expect(one.source).toEqual(SOURCE);
        found.push((await cleanups.findOpen(one))?.cleanup.status);
      }
      return found;
    };
    await expect(open()).resolves.toEqual(['intended']);
    const step = async (status: Cleanup['status']) => {
      const stored = await cleanups.find(cleanup().id);
      if (stored !== undefined) await cleanups.replace(stored, cleanup({ status }));
      return await open();
    };
    await expect(step('removed')).resolves.toEqual(['removed']);
    await expect(step('undone')).resolves.toEqual([]);
    // The same deletion may be cleaned up once more, after it had been given up.
    await expect(step('given-up')).resolves.toEqual([]);
    await expect(step('intended')).resolves.toEqual(['intended']);
  });

  test('are off that list once they are over, unless they were only begun', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    await cleanups.add(cleanup());
    const close = async () => {
      for (const one of await openOf(cleanups)) await cleanups.close(one);
      return (await openOf(cleanups)).length;
    };
    await expect(close()).resolves.toBe(1);
    const stored = await cleanups.find(cleanup().id);
    if (stored !== undefined) await cleanups.replace(stored, cleanup({ status: 'removed' }));
    await expect(close()).resolves.toBe(0);
    await expect(cleanups.find(cleanup().id)).resolves.toBeDefined();
  });

  test.each<[sentence: string, more: Partial<Cleanup>, until: string]>([
    ['a vault keeps what was deleted', { removedAt: NOW }, '2026-10-23T01:08:33.000Z'],
    [
      'this one can be recovered',
      { removedAt: NOW, recoverableUntil: '2027-01-01T00:00:00.000Z' },
      '2027-01-01T00:00:00.000Z',
    ],
  ])('are on that list for as long as %s', async (_, more, until) => {
    const cleanups = makeCleanups(makeMemoryTable());
    const one = cleanup({ ...more, status: 'removed' });
    await cleanups.add(one);
    await expect(openOf(cleanups)).resolves.toEqual([{ id: one.id, source: SOURCE, until }]);
  });

  test('of a service are found by when they were done, each once', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    const done = async (day: string, name: string, more: Partial<Cleanup> = {}) => {
      const one = cleanup({ source: { ...SOURCE, name }, ...more });
      await cleanups.add(one);
      const stored = await cleanups.find(one.id);
      if (stored === undefined) throw new Error('it is there');
      const removedAt = `2026-07-${day}T00:00:00.000Z`;
      await cleanups.replace(stored, { ...one, status: 'removed', removedAt });
      return { id: one.id, since: one.since, removedAt };
    };
    const early = await done('02', 'a');
    const last = await done('04', 'b');
    await done('04', 'c', { target: { ...TARGET, service: 'contoso-eu-gw' } });
    const recent = (after: string) => cleanups.recentAt('contoso-gw', after);
    await expect(recent('2026-07-03T00:00:00.000Z')).resolves.toEqual([last]);
    await expect(recent('2026-07-01T00:00:00.000Z')).resolves.toEqual([last, early]);
    await expect(recent('2026-07-04T00:00:00.000Z')).resolves.toEqual([]);
    // Cut off before it was said, and said again.
    const stored = await cleanups.find(last.id);
    const again = { status: 'removed', removedAt: '2026-07-05T00:00:00.000Z' } as const;
    if (stored !== undefined) await cleanups.replace(stored, { ...stored.cleanup, ...again });
    await expect(recent('2026-07-03T00:00:00.000Z')).resolves.toHaveLength(1);
  });

  test('are forgotten once they are old and over', async () => {
    const table = makeMemoryTable();
    const cleanups = makeCleanups(table);
    const states: [name: string, more: Partial<Cleanup>][] = [
      ['old', { status: 'removed', removedAt: '2026-07-02T00:00:00.000Z' }],
      ['given-up', { status: 'given-up', at: EARLIER }],
      ['begun', { at: EARLIER }],
      ['just-removed', { status: 'removed', removedAt: NOW }],
      ['young', { status: 'removed', since: NOW, removedAt: NOW }],
    ];
    for (const [name, more] of states) {
      const one = cleanup({ source: { ...SOURCE, name } });
      await cleanups.add({
        ...one,
        ...more,
        id: cleanupId(one.source, TARGET, more.since ?? EARLIER),
      });
    }
    await cleanups.forget('2026-07-03T00:00:00.000Z');
    const names = (await all(cleanups.list())).map(({ source }) => source.name);
    expect(names.sort()).toEqual(['begun', 'just-removed', 'young']);
    await expect(openOf(cleanups)).resolves.toHaveLength(3);
  });

  describe('of which a row cannot be read', () => {
    /** Something of another version, or that was changed by hand, in the place of each of its rows. */
    async function spoil() {
      const table = makeMemoryTable();
      const cleanups = makeCleanups(table);
      const done = async (name: string) => {
        const one = cleanup({ source: { ...SOURCE, name }, at: EARLIER });
        await cleanups.add(one);
        const stored = await cleanups.find(one.id);
        if (stored === undefined) throw new Error('it is there');
        await cleanups.replace(stored, { ...one, status: 'removed', removedAt: EARLIER });
        return one.id;
      };
      const [spoilt, other] = [await done('a'), await done('b')];
      for await (const { partition, key } of table.list(undefined)) {
        if (key.endsWith(spoilt)) await table.put([{ partition, key, document: { name: 7 } }]);
      }
      return { table, cleanups, spoilt, other };
    }

    test('are told of, and hide no other', async () => {
      const { cleanups, spoilt, other } = await spoil();
      const { removals, unreadable } = await cleanups.open('contoso-kv');
      expect(removals).toMatchObject([{ id: other }]);
      expect(unreadable).toMatchObject([{ code: 'RECORD_UNREADABLE' }]);
      expect(unreadable[0]?.resource).toContain(spoilt);
      expect((await all(cleanups.list())).map(({ id }) => id)).toEqual([other]);
      await expect(cleanups.find(spoilt)).rejects.toMatchObject({
        problem: { code: 'RECORD_UNREADABLE' },
      });
    });

    test('count as removed just now, so that the others are doubted rather than believed', async () => {
      const { cleanups, spoilt } = await spoil();
      const recent = await cleanups.recentAt('contoso-gw', '2026-06-01T00:00:00.000Z');
      expect(recent).toHaveLength(2);
      const orphans = ['c', 'd'].map((key) => ({ key, since: NOW }));
      const facts = { orphans, bound: 2, maxShare: 0.25, now: NOW };
      const removals = recent.filter(({ id }) => id === spoilt);
      expect(findDoubted({ ...facts, removals, confirmedAt: NOW })).toEqual([]);
      expect(findDoubted({ ...facts, removals, confirmedAt: undefined })).toEqual(orphans);
    });

    test('are neither forgotten nor closed', async () => {
      const { table, cleanups, spoilt } = await spoil();
      await cleanups.forget('2099-01-01T00:00:00.000Z');
      await cleanups.close({ id: spoilt, source: SOURCE, until: EARLIER });
      const left = [];
      for await (const { key } of table.list(undefined)) left.push(key);
      expect(left.filter((key) => key.endsWith(spoilt))).toHaveLength(3);
    });

    test('say nothing of what was confirmed or doubted', async () => {
      const { table, cleanups } = await spoil();
      await table.put([
        { partition: 'orphans-confirmed', key: 'contoso-gw', document: { at: 7 } },
        { partition: 'vault-doubted', key: 'contoso-kv', document: {} },
      ]);
      await expect(cleanups.confirmed('contoso-gw')).resolves.toBeUndefined();
      await expect(cleanups.doubted('contoso-kv')).resolves.toBeUndefined();
    });
  });

  test('are not found under an id that is no key', async () => {
    const cleanups = makeCleanups(makeMemoryTable());
    await expect(cleanups.find('a/b?c#d')).resolves.toBeUndefined();
  });
});

test('What somebody confirmed is known for its service', async () => {
  const cleanups = makeCleanups(makeMemoryTable());
  const confirmed = { at: NOW, by: { kind: 'entra', id: 'p', name: 'Pat' } } as const;
  await cleanups.confirm('contoso-gw', confirmed);
  await expect(cleanups.confirmed('contoso-gw')).resolves.toEqual(confirmed);
  await expect(cleanups.confirmed('contoso-eu-gw')).resolves.toBeUndefined();
});

test('What is doubted of a vault is known until it is believed again', async () => {
  const cleanups = makeCleanups(makeMemoryTable());
  await expect(cleanups.doubted('contoso-kv')).resolves.toBeUndefined();
  await cleanups.doubt('contoso-kv', { since: NOW, told: false });
  await expect(cleanups.doubted('contoso-kv')).resolves.toEqual({ since: NOW, told: false });
  await cleanups.doubt('contoso-kv', undefined);
  await expect(cleanups.doubted('contoso-kv')).resolves.toBeUndefined();
});

describe('The id of a removal', () => {
  test('is the same for the same deletion, and another for another', () => {
    const id = cleanupId(SOURCE, TARGET, EARLIER);
    expect(id).toMatch(/^\d{13}-[0-9a-f]{12}$/);
    expect(cleanupId({ ...SOURCE }, { ...TARGET, id: 'Gateway-Client' }, EARLIER)).toBe(id);
    const others = [
      cleanupId(SOURCE, TARGET, NOW),
      cleanupId(OTHER_SOURCE, TARGET, EARLIER),
      cleanupId(SOURCE, WORKSPACE_TARGET, EARLIER),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  test('comes before those of earlier deletions', () => {
    expect(cleanupId(SOURCE, TARGET, NOW) < cleanupId(SOURCE, TARGET, EARLIER)).toBe(true);
  });
});
