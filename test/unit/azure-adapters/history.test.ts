import fc from 'fast-check';
import { makeHistory } from '../../../shared/azure/history.ts';
import { HISTORY_ACTS, HISTORY_LENGTH, type HistoryEntry } from '../../../shared/domain/history.ts';
import { anySource } from '../../support/any-target.ts';
import { NOW, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const ENTRY: HistoryEntry = {
  source: SOURCE,
  at: NOW,
  what: 'sync',
  by: { kind: 'platform' },
  verdict: 'blocked',
  version: 'v2',
  targets: [
    { target: 'contoso-gw/certificates/a', outcome: 'rotated', reason: 'NewVersion' },
    {
      target: 'contoso-gw/certificates/b',
      outcome: 'blocked',
      reason: 'Refused',
      problem: 'AZURE_REFUSED',
    },
  ],
  problems: ['TAG_UNKNOWN'],
  detail: 'A sentence.',
};
const BARE: HistoryEntry = {
  source: SOURCE,
  at: NOW,
  what: 'upload',
  by: { kind: 'entra', id: 'an-id' },
};

/** Seconds after the first entry. */
const after = (seconds: number): string =>
  new Date(Date.parse(NOW) + seconds * 1_000).toISOString();

describe('The history of a source', () => {
  test('answers what was added, whatever the source', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, fc.constantFrom(ENTRY, BARE), async (source, entry) => {
        const history = makeHistory(makeMemoryTable());
        await history.add({ ...entry, source });
        await expect(history.list(source)).resolves.toEqual([{ ...entry, source }]);
      }),
    );
  });

  test('knows nothing of another source', async () => {
    const history = makeHistory(makeMemoryTable());
    await history.add(ENTRY);
    await expect(history.list(OTHER_SOURCE)).resolves.toEqual([]);
    await expect(history.list({ ...SOURCE, name: `${SOURCE.name}-2` })).resolves.toEqual([]);
  });

  test('is newest first, in whatever order it was written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 12 }),
        async (seconds) => {
          const history = makeHistory(makeMemoryTable());
          for (const one of seconds) await history.add({ ...ENTRY, at: after(one) });
          const listed = (await history.list(SOURCE)).map(({ at }) => at);
          expect(listed).toEqual([...seconds].sort((a, b) => b - a).map(after));
        },
      ),
    );
  });

  test('holds an entry once that is written twice, and two that happened at the same time', async () => {
    const history = makeHistory(makeMemoryTable());
    for (const what of [...HISTORY_ACTS, ...HISTORY_ACTS]) await history.add({ ...BARE, what });
    const listed = await history.list(SOURCE);
    expect(listed.map(({ what }) => what).sort()).toEqual([...HISTORY_ACTS].sort());
  });

  test('keeps the first word about a sync that is recorded again', async () => {
    const history = makeHistory(makeMemoryTable());
    await history.add(ENTRY);
    await history.add({ ...ENTRY, targets: ENTRY.targets?.slice(1) ?? [] });
    await expect(history.list(SOURCE)).resolves.toEqual([ENTRY]);
  });

  test('answers no more than was asked for, and reads no more', async () => {
    const table = makeMemoryTable();
    const asked: (number | undefined)[] = [];
    const history = makeHistory({
      ...table,
      list: (filter, most) => {
        asked.push(most);
        return table.list(filter, most);
      },
    });
    for (let at = 0; at < 5; at += 1) await history.add({ ...BARE, at: after(at) });
    asked.length = 0;
    await expect(history.list(SOURCE, { limit: 2 })).resolves.toMatchObject([
      { at: after(4) },
      { at: after(3) },
    ]);
    expect(asked).toEqual([2]);
  });

  test('drops its oldest entries now and then, so that it does not grow for ever', async () => {
    const table = makeMemoryTable();
    const history = makeHistory(table);
    for (let at = 0; at < 3 * HISTORY_LENGTH; at += 1)
      await history.add({ ...BARE, at: after(at) });
    const listed = await history.list(SOURCE, { limit: 10_000 });
    expect(listed).toHaveLength(HISTORY_LENGTH);
    expect(listed[0]).toMatchObject({ at: after(3 * HISTORY_LENGTH - 1) });
    const rows = [];
    for await (const row of table.list()) rows.push(row);
    expect(rows.length).toBeLessThan(1.5 * HISTORY_LENGTH);
  });

  test('leaves targets out where a row cannot hold them all, and says how many', async () => {
    const history = makeHistory(makeMemoryTable());
    const targets = Array.from({ length: 2_000 }, (_, at) => ({
      target: `contoso-gw/certificates/${String(at).padStart(70, 'x')}`,
      outcome: 'rotated',
      reason: 'NewVersion',
    }));
    await history.add({ ...ENTRY, targets });
    const [entry] = await history.list(SOURCE);
    const held = entry?.targets?.length ?? 0;
    expect(held).toBeGreaterThan(100);
    expect(JSON.stringify(entry).length).toBeLessThan(32_768);
    expect(entry).toMatchObject({ targetsLeftOut: 2_000 - held, detail: 'A sentence.' });
  });
});
