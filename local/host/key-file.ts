import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

type Keys = Map<string, string>;

/** The keys of a host by name; the ones it always has are among them. */
export interface StoredKeys {
  master: string;
  readonly functionKeys: Keys;
  readonly systemKeys: Keys;
  /** By function, in lower case. */
  readonly functions: Map<string, Keys>;
}

/** Where the file has the keys that a host always has, and their names in Azure's key API. */
const alwaysThere = [
  { member: 'functionDefault', scope: 'functionKeys', name: 'default' },
  { member: 'eventGrid', scope: 'systemKeys', name: 'eventgrid_extension' },
  { member: 'durable', scope: 'systemKeys', name: 'durabletask_extension' },
] as const;

/** Whether a key may get another value but never be away. */
export function isAlwaysThere(scope: string, name: string): boolean {
  return alwaysThere.some((own) => own.scope === scope && own.name === name.toLowerCase());
}

/** @param makeKey a new random key at every call */
export function newKeys(makeKey: () => string): StoredKeys {
  const keys: StoredKeys = {
    master: makeKey(),
    functionKeys: new Map(),
    systemKeys: new Map(),
    functions: new Map(),
  };
  for (const { scope, name } of alwaysThere) keys[scope].set(name, makeKey());
  return keys;
}

/** Thrown when the file is not what {@link writeKeyFile} wrote; the message holds no key. */
export function readKeyFile(file: string): StoredKeys {
  const parsed = parseJson(readFileSync(file, 'utf8'));
  // Somebody may have copied it here for all to read.
  chmodSync(file, 0o600);
  const keys: StoredKeys = {
    master: textAt(parsed, 'master'),
    functionKeys: readKeys(parsed, 'functionKeys'),
    systemKeys: readKeys(parsed, 'systemKeys'),
    functions: new Map(),
  };
  for (const { member, scope, name } of alwaysThere) keys[scope].set(name, textAt(parsed, member));
  const functions = memberOf(parsed, 'functions') ?? {};
  for (const name of Object.keys(functions)) keys.functions.set(name, readKeys(functions, name));
  return keys;
}

/**
 * Written beside and renamed, so that a crash leaves no half file behind. What an earlier crash may
 * have left there is made away with first: its permissions would stay, or its target be written to.
 */
export function writeKeyFile(file: string, keys: StoredKeys): void {
  const own: Record<string, string | undefined> = { master: keys.master };
  for (const { member, scope, name } of alwaysThere) own[member] = keys[scope].get(name);
  const further = (scope: 'functionKeys' | 'systemKeys') =>
    Object.fromEntries([...keys[scope]].filter(([name]) => !isAlwaysThere(scope, name)));
  const content = {
    ...own,
    functionKeys: further('functionKeys'),
    systemKeys: further('systemKeys'),
    functions: Object.fromEntries(
      [...keys.functions].map(([name, ofFunction]) => [name, Object.fromEntries(ofFunction)]),
    ),
  };
  const temporary = `${file}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  const text = `${JSON.stringify(content, undefined, 2)}\n`;
  writeFileSync(temporary, text, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(temporary, file);
}

function readKeys(parent: unknown, member: string): Keys {
  const values = memberOf(parent, member) ?? {};
  return new Map(Object.keys(values).map((name) => [name, textAt(values, name)]));
}

function textAt(parent: unknown, name: string): string {
  const value = memberOf(parent, name);
  if (typeof value !== 'string' || value === '') {
    throw new Error(`the key "${name}" is missing; delete the file to get new keys`);
  }
  return value;
}

function memberOf(parent: unknown, name: string): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name)
    ? Reflect.get(parent, name)
    : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8 quotes what it could not read, and that would be keys.
    throw new Error('it is not JSON; delete the file to get new keys');
  }
}
