import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from './start-error.ts';

/**
 * What an app threw, for a person: the message, where in the app it came from (`src/config.js:3:9`)
 * as far as its stack tells, and the cure where the cause is a well-known one.
 */
export function describeAppError(error: unknown, appDir: string): string {
  const rejected = rejectedWith(error);
  if (rejected !== undefined) return `a promise was rejected with "${rejected}"`;
  const place = placeInApp(error, appDir);
  const where = place === undefined ? '' : ` (${place})`;
  const missing = missingModule(error);
  if (missing === undefined) {
    const message = messageOf(error);
    // Who writes several lines writes them for a person, and a place at their end would mislead.
    return message.includes('\n') ? message : `${message}${where}`;
  }
  return /^[./]/.test(missing)
    ? `there is no file "${missing}"${where}; is the app built?`
    : `the package "${missing}" is not installed${where}; run "npm install" in ${appDir}`;
}

/** The place in the app's own files that an error comes from; undefined when its stack has none. */
export function placeInApp(error: unknown, appDir: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // A syntax error's place stands alone in front of everything else.
  for (const line of (error.stack ?? '').split('\n')) {
    const found =
      /^(?:\s+at .*?\(?)?((?:file:\/\/)?\/[^()]+|[A-Z]:\\[^()]+?):(\d+(?::\d+)?)\)?$/.exec(line);
    if (found?.[1] === undefined) continue;
    const file = found[1].startsWith('file:') ? fileURLToPath(found[1]) : found[1];
    const path = relative(appDir, file);
    const isOwn = !path.startsWith('..') && !isAbsolute(path);
    if (isOwn && !path.split(sep).includes('node_modules')) return `${path}:${found[2] ?? ''}`;
  }
  return undefined;
}

/** The module that Node did not find for `require` or `import`, as the app named it. */
function missingModule(error: unknown): string | undefined {
  if (!hasCode(error, 'MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND')) return undefined;
  return /Cannot find (?:module|package) '([^']+)'/.exec(error.message)?.[1];
}

/** What a promise was rejected with that was no Error, from the Error that Node makes of it. */
function rejectedWith(error: unknown): string | undefined {
  if (!hasCode(error, 'ERR_UNHANDLED_REJECTION')) return undefined;
  return /with the reason "([^]*)"\.$/.exec(error.message)?.[1];
}

function hasCode(error: unknown, ...codes: readonly string[]): error is Error {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
