import { makeCaLedger } from '../../../../shared/azure/ca-ledger.ts';
import { makeCleanups } from '../../../../shared/azure/cleanups.ts';
import { makeLedger } from '../../../../shared/azure/ledger.ts';
import { makeOwnKeys } from '../../../../shared/azure/keys/own-keys.ts';
import { makeRepairs } from '../../../../shared/azure/repairs/repairs.ts';
import { makeBound } from '../../../support/audit/make-facts.ts';
import {
  APPLICATION,
  AT,
  BACKUP,
  fill,
  makeBackupWorld,
  rowsOf,
  type BackupWorld,
} from '../../../support/backup-world.ts';
import { OTHER_SOURCE, SOURCE, TARGET } from '../../../support/domain-samples.ts';

let before: BackupWorld;
let text: string;
beforeEach(async () => {
  before = makeBackupWorld();
  await fill(before);
  text = await before.backUp();
});

/** What is settled on its way is told apart below. */
const SETTLED = /^(ca\|contoso-gw record|keys\||cleanup |repairs |grant\|)/;
const rowsIn = (backup: string): number => backup.split('\n').length - 3;

describe('A backup', () => {
  test('brought back into an empty ledger, is what was there', async () => {
    const after = makeBackupWorld();
    const restored = await after.restore(text);
    expect(restored).toEqual({
      backup: { id: BACKUP, at: AT, certkeeper: '0.1.0' },
      ...{ rows: rowsIn(text), written: rowsIn(text), there: 0, skipped: 0 },
      notes: expect.any(Array) as string[],
    });
    const [was, is] = [await rowsOf(before.table), await rowsOf(after.table)];
    for (const [place, document] of is) {
      if (!SETTLED.test(place)) expect([place, document]).toEqual([place, was.get(place)]);
    }
    expect(after.copies.names()).toEqual(before.copies.names());
  });

  test('lacks nothing, and says nothing of a kind that is left out', async () => {
    const written = await before.backups.write({ id: BACKUP, at: AT, certkeeper: '0.1.0' });
    expect(written.unreadable).toEqual({ count: 0, some: [] });
    expect(text).not.toMatch(/"row":"(orphan|arrivals|turn|before|letter)/);
  });

  test('has nothing in it by which Azure could be asked', () => {
    expect(text).toContain('enable-identity');
    expect(text).not.toContain('https://');
  });

  test('names the rows that it lacks, since this version cannot read them', async () => {
    const later = {
      partition: 'source|contoso-kv|x',
      key: 'binding|contoso-gw',
      document: { a: 1 },
    };
    await before.table.put([later, { partition: 'seals', key: 'a', document: {} }]);
    await before.copies.put('contoso-gw/none.cer', Buffer.from('-----BEGIN PRIVATE KEY-----'));
    const { rows, unreadable } = await before.backups.write({
      ...{ id: BACKUP, at: AT, certkeeper: '0.1.0' },
    });
    expect(rows).toBe(rowsIn(text));
    expect(unreadable).toEqual({
      count: 3,
      some: expect.arrayContaining([
        'partition "seals" row "a"',
        'container "certkeeper-ca" blob "contoso-gw/none.cer"',
      ]) as string[],
    });
  });

  test('is kept with others for a while, and the newest in any case', async () => {
    const { backups } = before;
    const ids = ['20260601T020000Z-000001', '20260701T020000Z-000001'];
    for (const id of ids) await backups.write({ id, at: AT, certkeeper: '0.1.0' });
    expect((await backups.list()).map(({ id }) => id)).toEqual([BACKUP, ...ids.reverse()]);
    await expect(backups.forget('2026-06-15T00:00:00.000Z')).resolves.toBe(1);
    await expect(backups.forget('2030-01-01T00:00:00.000Z')).resolves.toBe(1);
    expect((await backups.list()).map(({ id }) => id)).toEqual([BACKUP]);
    await expect(backups.read('../certkeeper-audits/x')).resolves.toBeUndefined();
  });
});

describe('After a backup was brought back nothing goes on by itself:', () => {
  let after: BackupWorld;
  let notes: readonly string[];
  beforeEach(async () => {
    after = makeBackupWorld();
    ({ notes } = await after.restore(text));
  });

  test('changes of CA certificates that waited or were under way are gone, and said', async () => {
    const { record } = await makeCaLedger(after.table).read('contoso-gw');
    expect(record).toMatchObject({ waiting: [], done: [{ outcome: 'added' }] });
    expect(record.update).toBeUndefined();
    expect(record.done[0]).not.toHaveProperty('untold');
    expect(notes).toContainEqual(expect.stringMatching(/^contoso-gw: 2 changes of its CA/));
  });

  test('no CA certificate leaves at the end of an overlap that is over by now', async () => {
    const { record } = await makeCaLedger(after.table).read('contoso-gw');
    expect(record.held[0]?.holders).toMatchObject([{ kind: 'hand' }, { kind: 'others' }]);
  });

  test('no orphan has a past, and so its grace begins with the next sweep', async () => {
    expect((await makeLedger(before.table).ofSource(SOURCE)).orphans).toHaveLength(1);
    expect((await makeLedger(after.table).ofSource(SOURCE)).orphans).toBeUndefined();
  });

  test('a removal that was only intended is none, and one that was done can be undone', async () => {
    const all = [];
    for await (const { cleanup } of makeCleanups(after.table).list()) all.push(cleanup.status);
    expect(all.sort()).toEqual(['given-up', 'removed']);
    expect(notes).toContainEqual(expect.stringMatching(/the removal of .* was about to be made/));
  });

  test('a repair that was only intended is none', async () => {
    await expect(makeRepairs(after.table).find('1-a')).resolves.toMatchObject({
      repair: { status: 'given-up' },
    });
  });

  test('a key that was to be taken away stays until its overlap is over once more', async () => {
    const { own } = await makeOwnKeys(after.table).read(APPLICATION);
    expect(own).toHaveLength(1);
    expect(own[0]).not.toHaveProperty('removeAfter');
  });

  test('it goes by the id of the installation that wrote it, and says so', () => {
    expect(notes).toContainEqual(expect.stringMatching(/^Certkeeper goes by the id/));
  });
});

describe('A ledger', () => {
  test('that holds no more than a sweep finds by itself is empty, and is replaced', async () => {
    const after = makeBackupWorld();
    const ledger = makeLedger(after.table);
    await ledger.claim(SOURCE, TARGET);
    await ledger.save({ source: SOURCE, problems: [] }, [makeBound({ origin: 'discovered' })]);
    await after.restore(text);
    const { bindings } = await ledger.ofSource(SOURCE);
    expect(bindings).toMatchObject([{ origin: 'http' }]);
  });

  test('keeps whose a target is by now', async () => {
    const after = makeBackupWorld();
    await makeLedger(after.table).claim(OTHER_SOURCE, TARGET);
    await after.restore(text);
    expect([...(await makeLedger(after.table).claimsOf('contoso-gw')).values()]).toEqual([
      OTHER_SOURCE,
    ]);
  });

  test('in which somebody asked for something is left alone', async () => {
    const after = makeBackupWorld();
    await makeLedger(after.table).save({ source: OTHER_SOURCE, problems: [] }, [
      makeBound({ source: OTHER_SOURCE, origin: 'http' }),
    ]);
    const was = await rowsOf(after.table);
    for (const dryRun of [true, false]) {
      await expect(after.restore(text, { dryRun })).rejects.toMatchObject({
        problem: { code: 'LEDGER_NOT_EMPTY', cure: expect.stringContaining('--merge') as string },
      });
    }
    expect(await rowsOf(after.table)).toEqual(was);
  });

  test('is added to with merge, and nothing there is overwritten', async () => {
    const after = makeBackupWorld();
    const ledger = makeLedger(after.table);
    const own = makeBound({ origin: 'http', status: 'failed' });
    await ledger.save({ source: SOURCE, version: 'own', problems: [] }, [own]);
    const dry = await after.restore(text, { merge: true, dryRun: true });
    const restored = await after.restore(text, { merge: true });
    expect(restored).toEqual(dry);
    expect(restored).toMatchObject({ there: 2, written: rowsIn(text) - 2 });
    expect(await ledger.ofSource(SOURCE)).toMatchObject({
      ...{ record: { version: 'own' }, bindings: [{ status: 'failed' }] },
    });
  });

  test('is not changed by a dry run, which says the same as what follows', async () => {
    const after = makeBackupWorld();
    const dry = await after.restore(text, { dryRun: true });
    expect((await rowsOf(after.table)).size).toBe(0);
    expect(after.copies.names()).toEqual([]);
    expect(await after.restore(text)).toEqual(dry);
  });

  test('brought back once more changes nothing', async () => {
    const after = makeBackupWorld();
    await after.restore(text);
    await makeLedger(after.table).save({ source: SOURCE, version: 'newer', problems: [] }, []);
    const was = await rowsOf(after.table);
    await expect(after.restore(text)).resolves.toMatchObject({ written: 0, there: rowsIn(text) });
    expect(await rowsOf(after.table)).toEqual(was);
  });

  test('is completed by the same file when it was cut off at whatever write', async () => {
    const whole = makeBackupWorld();
    await whole.restore(text);
    for (let survives = 0; survives < 12; survives += 1) {
      const after = makeBackupWorld();
      const { put } = after.table;
      let writes = 0;
      after.table.put = async (rows) => {
        writes += 1;
        if (writes > survives) throw new Error('power cut');
        await put(rows);
      };
      await expect(after.restore(text)).rejects.toThrow('power cut');
      after.table.put = put;
      await after.restore(text);
      expect(await rowsOf(after.table)).toEqual(await rowsOf(whole.table));
    }
  });
});

test('What is about vaults and services that are not under care is left out, with a word', async () => {
  const after = makeBackupWorld({ vaults: new Set(['contoso-kv']), services: new Set() });
  const { skipped, written, notes } = await after.restore(text);
  expect(skipped).toBeGreaterThan(3);
  expect(written + skipped).toBe(rowsIn(text));
  expect(notes).toContainEqual(
    expect.stringMatching(/^contoso-gw is not under care here: \d+ rows/),
  );
  expect([...(await rowsOf(after.table)).keys()].join('\n')).not.toContain('contoso-gw');
  expect(after.copies.names()).toEqual([]);
});

test('No more of a file is held than what is written together', async () => {
  // 64 MiB of lines, made as they are asked for: the end comes after what is refused.
  let asked = 0;
  const file = {
    async open() {
      async function* pieces(): AsyncGenerator<Uint8Array> {
        for (;;) {
          asked += 1;
          yield Buffer.alloc(1024 * 1024, 0x20);
        }
      }
      return pieces();
    },
  };
  const how = { dryRun: false, merge: false, by: { kind: 'platform' }, at: AT } as const;
  await expect(before.restores.restore(file, how)).rejects.toMatchObject({
    problem: { code: 'BACKUP_UNREADABLE' },
  });
  expect(asked).toBeLessThan(10);
});
