import { DatabaseSync } from 'node:sqlite';
import { GroupCommit } from '../../../local/host/durable/group-commit.ts';

let db: DatabaseSync;
let group: GroupCommit;

beforeEach(() => {
  db = new DatabaseSync(':memory:');
  db.exec('CREATE TABLE t (a TEXT UNIQUE)');
  group = new GroupCommit(db);
});

afterEach(() => db.close());

function add(...values: string[]): () => number {
  return () => {
    for (const value of values) db.prepare('INSERT INTO t VALUES (?)').run(value);
    return values.length;
  };
}

function stored(): unknown[] {
  return db
    .prepare('SELECT a FROM t ORDER BY a')
    .all()
    .map(({ a }) => a);
}

test('gives each piece of work its own result', async () => {
  expect(await Promise.all([group.run(add('a')), group.run(add('b', 'c'))])).toEqual([1, 2]);
  expect(stored()).toEqual(['a', 'b', 'c']);
});

test('nothing is seen before it is stored', async () => {
  const storing = group.run(add('a'));
  expect(stored()).toEqual([]);
  await storing;
  expect(stored()).toEqual(['a']);
});

test('work that fails is undone as a whole and takes no other with it', async () => {
  const results = await Promise.allSettled([
    group.run(add('a')),
    group.run(add('b', 'a')),
    group.run(add('c')),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(stored()).toEqual(['a', 'c']);
});

test('when the disk is full no work is said to be stored that is not', async () => {
  db.exec('PRAGMA max_page_count = 4');
  const results = await Promise.allSettled([
    group.run(add('a')),
    group.run(add('x'.repeat(100_000))),
    group.run(add('c')),
  ]);
  const fulfilled = results.flatMap(({ status }, i) =>
    status === 'fulfilled' ? [['a', 'x', 'c'][i]] : [],
  );
  expect(results[1].status).toBe('rejected');
  expect(stored()).toEqual(fulfilled);
  db.exec('PRAGMA max_page_count = 1000');
  await group.run(add('d'));
  expect(stored()).toContain('d');
});

test('work for a database that is closed is refused', async () => {
  const late = group.run(add('a'));
  db.close();
  await expect(late).rejects.toThrow();
  db = new DatabaseSync(':memory:');
});
