import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { loadKeys, opens } from '../../../local/host/keys.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const folder = temporaryFolder();

describe('The keys of a host', () => {
  test('are four different ones, made once and kept', () => {
    const stateDir = join(folder, 'kept', 'deep');
    const keys = loadKeys(stateDir).own;
    expect(new Set(Object.values(keys)).size).toBe(4);
    expect(loadKeys(stateDir).own).toEqual(keys);
    expect(readdirSync(stateDir)).toEqual(['keys.json']);
  });

  test('can be read by their owner only, even when somebody had opened the file', () => {
    const stateDir = join(folder, 'private');
    const file = join(stateDir, 'keys.json');
    loadKeys(stateDir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    loadKeys(stateDir);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('do not go where a file left behind would send them', () => {
    const stateDir = join(folder, 'left-behind');
    mkdirSync(stateDir);
    const elsewhere = join(folder, 'elsewhere');
    symlinkSync(elsewhere, join(stateDir, `keys.json.${process.pid}.tmp`));
    loadKeys(stateDir);
    expect(existsSync(elsewhere)).toBe(false);
    expect(readdirSync(stateDir)).toEqual(['keys.json']);
  });

  test.each([
    ['is no JSON', 'nonsense', 'is not JSON'],
    ['lacks a key', '{"master":"01234567890123456789"}', '"functionDefault"'],
  ])('are refused when the file %s', (_, text, named) => {
    const stateDir = join(folder, 'damaged');
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(join(stateDir, 'keys.json'), text);
    expect(() => loadKeys(stateDir)).toThrow(named);
    expect(() => loadKeys(stateDir)).not.toThrow(/nonsense|0123/);
  });

  test('of an earlier release stay good', () => {
    const stateDir = join(folder, 'earlier');
    mkdirSync(stateDir, { recursive: true });
    const own = { master: 'm', functionDefault: 'f', eventGrid: 'e', durable: 'd' };
    writeFileSync(join(stateDir, 'keys.json'), JSON.stringify(own));
    expect(loadKeys(stateDir).own).toEqual(own);
    // Who reads the file goes on finding these.
    loadKeys(stateDir).set({ kind: 'functionKeys' }, 'ci', 'c');
    expect(JSON.parse(readFileSync(join(stateDir, 'keys.json'), 'utf8'))).toMatchObject(own);
    expect([...loadKeys(stateDir).opening('any')].sort()).toEqual(['c', 'f']);
  });

  test('may have any name that people think of', () => {
    const stateDir = join(folder, 'names');
    const keys = loadKeys(stateDir);
    for (const name of ['constructor', '__proto__', 'ü', 'a b/c']) {
      keys.set({ kind: 'function', name: 'Fn' }, name, `value of ${name}`);
    }
    const kept = loadKeys(stateDir).list({ kind: 'function', name: 'fn' });
    expect([...kept.keys()]).toEqual(['default', 'constructor', '__proto__', 'ü', 'a b/c']);
    expect(kept.get('__proto__')).toBe('value of __proto__');
    expect(loadKeys(stateDir).opening('other')).toHaveLength(1);
  });

  test('cannot be kept where no folder can be made', () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => loadKeys(join(file, 'below'))).toThrow('Cannot use the keys');
  });

  test('open what they are for and nothing else', () => {
    expect(opens('a', ['b', 'a'])).toBe(true);
    expect(opens('c', ['b', 'a'])).toBe(false);
    expect(opens('', [''])).toBe(false);
    expect(opens(undefined, ['a'])).toBe(false);
  });
});
