import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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

/**
 * Reads `keys.json` in the state folder, or makes it. Only the owner may read the file.
 * Thrown when the folder cannot be written or the file is not what this function wrote:
 * HostStartError `STATE_UNUSABLE`.
 */
export function loadKeys(stateDir: string): HostKeys {
  const file = join(stateDir, 'keys.json');
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    if (existsSync(file)) {
      const keys = parseKeys(readFileSync(file, 'utf8'));
      chmodSync(file, 0o600);
      return keys;
    }
    const keys = {
      master: newKey(),
      functionDefault: newKey(),
      eventGrid: newKey(),
      durable: newKey(),
    };
    // Written beside and renamed, so that a crash leaves no half file behind.
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, file);
    return keys;
  } catch (error) {
    throw new HostStartError(
      'STATE_UNUSABLE',
      `Cannot use the keys in ${file}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
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

function parseKeys(text: string): HostKeys {
  const parsed = parseJson(text);
  const read = (name: keyof HostKeys): string => {
    const value: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, name) : undefined;
    if (typeof value !== 'string' || value.length < 20) {
      throw new Error(`the key "${name}" is missing or too short; delete the file to get new keys`);
    }
    return value;
  };
  return {
    master: read('master'),
    functionDefault: read('functionDefault'),
    eventGrid: read('eventGrid'),
    durable: read('durable'),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // V8 quotes what it could not read, and that would be keys.
    throw new Error('it is not JSON; delete the file to get new keys');
  }
}

function newKey(): string {
  return randomBytes(32).toString('base64url');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
