import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadKeys, opens } from '../../../local/host/keys.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const folder = temporaryFolder();

describe('The keys of a host', () => {
  test('are four different ones, made once and kept', () => {
    const stateDir = join(folder, 'kept', 'deep');
    const keys = loadKeys(stateDir);
    expect(new Set(Object.values(keys)).size).toBe(4);
    expect(loadKeys(stateDir)).toEqual(keys);
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
