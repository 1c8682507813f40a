import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isAlwaysThere, newKeys, readKeyFile, writeKeyFile, type StoredKeys } from './key-file.ts';
import { HostStartError, messageOf } from './start-error.ts';

/** The keys that open this host, kept between starts so that addresses with `code=` stay good. */
export interface HostKeys {
  /** Opens everything, `/admin` included. */
  readonly master: string;
  /** Opens every function of auth level `function`. */
  readonly functionDefault: string;
  /** System key of `/runtime/webhooks/eventgrid`. */
  readonly eventGrid: string;
  /** System key of `/runtime/webhooks/durabletask`. */
  readonly durable: string;
}

/** Whose keys: those of all functions, of extensions, or one function's. */
export type KeyScope =
  | { readonly kind: 'functionKeys' | 'systemKeys' }
  | { readonly kind: 'function'; readonly name: string };

/** Every key of a host. What is changed is in the file before the call returns. */
export interface KeyRing {
  /** The four that a host always has, as they are now. */
  readonly own: HostKeys;
  /** Names and values; a function that was never asked for its keys gets a `default` (as on Azure). */
  list(scope: KeyScope): ReadonlyMap<string, string>;
  /** What opens a function of level `function`, beside the master key. */
  opening(functionName: string): readonly string[];
  /**
   * Makes a key or gives it another value; names differ in more than case.
   * @param value a random one when undefined
   */
  set(scope: KeyScope, name: string, value?: string): { value: string; created: boolean };
  /** From now on the key opens nothing; false when there is none. One of the four is made anew. */
  remove(scope: KeyScope, name: string): boolean;
  setMaster(value?: string): string;
}

/**
 * Reads `keys.json` in the state folder, or makes it. Only the owner may read the file.
 * Thrown when the folder cannot be written or the file is not what this function wrote:
 * HostStartError `STATE_UNUSABLE`.
 */
export function loadKeys(stateDir: string): KeyRing {
  const file = join(stateDir, 'keys.json');
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    if (existsSync(file)) return makeKeyRing(readKeyFile(file), (keys) => writeKeyFile(file, keys));
    const keys = newKeys(newKey);
    writeKeyFile(file, keys);
    return makeKeyRing(keys, (changed) => writeKeyFile(file, changed));
  } catch (error) {
    throw new HostStartError(
      'STATE_UNUSABLE',
      `Cannot use the keys in ${file}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

/** @param save called after every change */
export function makeKeyRing(keys: StoredKeys, save: (keys: StoredKeys) => void): KeyRing {
  function keysOf(scope: KeyScope): Map<string, string> {
    if (scope.kind !== 'function') return keys[scope.kind];
    const name = scope.name.toLowerCase();
    let known = keys.functions.get(name);
    if (known === undefined) {
      known = new Map([['default', newKey()]]);
      keys.functions.set(name, known);
      save(keys);
    }
    return known;
  }
  const named = (scope: KeyScope, name: string): string | undefined =>
    [...keysOf(scope).keys()].find((known) => known.toLowerCase() === name.toLowerCase());

  function set(scope: KeyScope, name: string, value = newKey()) {
    const known = named(scope, name);
    keysOf(scope).set(known ?? name, value);
    save(keys);
    return { value, created: known === undefined };
  }
  const own = (scope: 'functionKeys' | 'systemKeys', name: string) => keys[scope].get(name) ?? '';

  return {
    get own() {
      return {
        master: keys.master,
        functionDefault: own('functionKeys', 'default'),
        eventGrid: own('systemKeys', 'eventgrid_extension'),
        durable: own('systemKeys', 'durabletask_extension'),
      };
    },
    list: keysOf,
    opening: (functionName) => [
      ...keys.functionKeys.values(),
      ...(keys.functions.get(functionName.toLowerCase())?.values() ?? []),
    ],
    set,
    remove: (scope, name) => {
      const known = named(scope, name);
      if (known === undefined) return false;
      if (isAlwaysThere(scope.kind, known)) {
        set(scope, known);
      } else {
        keysOf(scope).delete(known);
        save(keys);
      }
      return true;
    },
    setMaster: (value = newKey()) => {
      keys.master = value;
      save(keys);
      return value;
    },
  };
}

/** True when the presented key is one of the accepted ones; takes equally long either way. */
export function opens(presented: string | undefined, accepted: readonly string[]): boolean {
  if (presented === undefined || presented === '') return false;
  const digest = sha256(presented);
  let found = false;
  for (const key of accepted) {
    if (timingSafeEqual(digest, sha256(key))) found = true;
  }
  return found;
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
