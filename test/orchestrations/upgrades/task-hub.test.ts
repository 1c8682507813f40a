import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { EntityId, type Task } from 'durable-functions';
import { openDatabase } from '../../../local/host/durable/database.ts';
import { makeKit } from '../engine/engine-kit.ts';

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'task-hub-'));
  const db = new DatabaseSync(path.join(stateDir, 'taskhub.db'));
  db.exec(readFileSync(path.join(import.meta.dirname, 'task-hub-1.sql'), 'utf8'));
  db.close();
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const orchestrators = {
  *Old(context): Generator<Task, unknown, unknown> {
    const said = yield context.df.callActivity('Say', 'before');
    const got = yield context.df.waitForExternalEvent('go');
    return [said, got, yield context.df.callActivity('Say', 'after')];
  },
  *Sleep(context): Generator<Task, unknown, unknown> {
    yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 3_600_000));
    return 'slept';
  },
} satisfies Parameters<typeof makeKit>[0]['orchestrators'];

test('a task hub of the first release goes on where it was', async () => {
  const kit = await makeKit({
    stateDir,
    orchestrators,
    activities: { Say: (text: string) => text },
  });
  kit.raise('old', 'go', 'now');
  kit.raise('new', 'go', 'at once');
  await kit.settle();
  expect(kit.result('old')).toMatchObject({ output: ['before', 'now', 'after'] });
  expect(kit.result('new')).toMatchObject({ output: ['before', 'at once', 'after'] });
  expect(kit.result('sleep')).toMatchObject({ output: 'slept' });
  // What had run before did not run again.
  expect(kit.calls.map(({ input }) => input).toSorted()).toEqual(['after', 'after', 'before']);
});

test('a task hub of the first release takes entities', async () => {
  const kit = await makeKit({
    stateDir,
    orchestrators: {},
    entities: { Note: ({ df }) => df.setState(df.getInput<string>() as never) },
  });
  await kit.signal(new EntityId('Note', 'one'), 'set', 'kept');
  await kit.settle();
  expect(kit.entity(new EntityId('Note', 'one')).state).toBe('kept');
});

test('an upgraded task hub has the schema of a new one', () => {
  const schemaOf = (folder: string) => {
    const db = openDatabase(folder);
    const { user_version: version } = db.prepare('PRAGMA user_version').get() ?? {};
    const columns = db
      .prepare(
        `SELECT m.type, m.name, m.tbl_name, c.name AS "column", c.type AS "kind"
         FROM sqlite_schema m LEFT JOIN pragma_table_info(m.name) c ORDER BY 1, 2, 4`,
      )
      .all();
    db.close();
    return { version, columns };
  };
  const fresh = mkdtempSync(path.join(tmpdir(), 'task-hub-new-'));
  try {
    expect(schemaOf(stateDir)).toEqual(schemaOf(fresh));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
});
