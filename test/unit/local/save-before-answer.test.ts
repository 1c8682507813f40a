import { makeSaver, type SavedDatabase } from '../../../local/storage/save-before-answer.ts';

/** A database whose saves end when the test says so. */
function makeDatabase() {
  const saves: ((error?: unknown) => void)[] = [];
  const state = { dirty: false };
  const database: SavedDatabase = {
    autosaveDirty: () => state.dirty,
    saveDatabase: (done) => {
      state.dirty = false;
      saves.push(done);
    },
  };
  return { database, saves, state };
}

test('nothing is saved when nothing has changed', async () => {
  const { database, saves } = makeDatabase();
  await makeSaver(database)();
  expect(saves).toHaveLength(0);
});

test('a change made during a save waits for one more save, which later changes share', async () => {
  const { database, saves, state } = makeDatabase();
  const save = makeSaver(database);
  const answered: string[] = [];
  state.dirty = true;
  const first = save().then(() => answered.push('first'));
  state.dirty = true;
  const second = save().then(() => answered.push('second'));
  state.dirty = true;
  const third = save().then(() => answered.push('third'));
  expect(saves).toHaveLength(1);
  saves[0]?.();
  await first;
  expect(answered).toEqual(['first']);
  expect(saves).toHaveLength(2);
  saves[1]?.();
  await Promise.all([second, third]);
  expect(saves).toHaveLength(2);
});

test('a failed save is reported and the next one is tried', async () => {
  const { database, saves, state } = makeDatabase();
  const save = makeSaver(database);
  state.dirty = true;
  const failing = save();
  saves[0]?.(new Error('disk full'));
  await expect(failing).rejects.toThrow('disk full');
  state.dirty = true;
  const good = save();
  saves[1]?.();
  await expect(good).resolves.toBeUndefined();
});
