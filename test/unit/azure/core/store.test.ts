import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStateKey } from '../../../../local/azure/core/state-key.ts';
import { openStore } from '../../../../local/azure/core/store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the store', () => {
  it('gives back what was put in, after it was opened again too', () => {
    const first = openStore(join(folder, 'a.sqlite'));
    first.put('things', 'a', { n: 1 });
    first.put('things', 'a', { n: 2 });
    first.close();

    const second = openStore(join(folder, 'a.sqlite'));

    expect(second.get('things', 'a')).toEqual({ n: 2 });
    expect(second.get('things', 'b')).toBeUndefined();
    expect(second.get('others', 'a')).toBeUndefined();
    second.close();
  });

  it('lists by prefix in the order of the keys', () => {
    const store = openStore(join(folder, 'a.sqlite'));
    for (const key of ['kv/b', 'kv/a', 'kv', 'kvx/a', 'kv/ü']) store.put('things', key, key);

    expect(store.list('things', 'kv/').map(({ key }) => key)).toEqual(['kv/a', 'kv/b', 'kv/ü']);
    expect(store.list('things')).toHaveLength(5);
    store.close();
  });

  it('keeps nothing of a transaction that failed, inner ones included', () => {
    const store = openStore(join(folder, 'a.sqlite'));
    store.put('things', 'kept', 1);

    expect(() =>
      store.transaction(() => {
        store.transaction(() => store.put('things', 'inner', 1));
        store.delete('things', 'kept');
        throw new Error('no');
      }),
    ).toThrow('no');

    expect(store.list('things').map(({ key }) => key)).toEqual(['kept']);
    store.close();
  });

  it('refuses a second process, naming the file', () => {
    const file = join(folder, 'a.sqlite');
    const store = openStore(file);

    expect(() => openStore(file)).toThrow(`${file} is in use by another process`);
    store.close();
  });
});

describe('the state key', () => {
  it('opens what it sealed, after a restart too, and derives the same secrets', () => {
    const first = readStateKey(join(folder, 'key'));
    const sealed = first.seal(Buffer.from('private'));

    const second = readStateKey(join(folder, 'key'));

    expect(second.unseal(sealed).toString()).toBe('private');
    expect(second.derive('a')).toEqual(first.derive('a'));
    expect(second.derive('a')).not.toEqual(second.derive('b'));
  });

  it('is readable by its owner alone, and nothing sealed shows its contents', () => {
    const sealed = readStateKey(join(folder, 'key')).seal(Buffer.from('private'));

    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600);
    expect(Buffer.from(sealed, 'base64').toString()).not.toContain('private');
  });

  it('refuses what was altered', () => {
    const key = readStateKey(join(folder, 'key'));
    const bytes = Buffer.from(key.seal(Buffer.from('private')), 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;

    expect(() => key.unseal(bytes.toString('base64'))).toThrow('unable to authenticate');
  });

  it('leaves only its own file behind', () => {
    readStateKey(join(folder, 'key'));

    expect(readdirSync(folder)).toEqual(['key']);
    expect(readFileSync(join(folder, 'key'), 'utf8')).toMatch(/^[A-Za-z0-9+/]{43}=$/);
  });
});
