import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Core Tools ask which language an app is in unless this says so. */
const LEAST = { IsEncrypted: false, Values: { FUNCTIONS_WORKER_RUNTIME: 'node' } };

/**
 * Makes the least `local.settings.json` that Core Tools start with, where there is none: one that is
 * there is somebody's own and stays as it is. Settings are handed over as environment variables, which
 * come before those of the file.
 */
export function ensureLocalSettings(folder: string): 'written' | 'kept' {
  try {
    const text = `${JSON.stringify(LEAST, null, 2)}\n`;
    // Fails where there is something, a link to nowhere among it.
    writeFileSync(path.join(folder, 'local.settings.json'), text, { flag: 'wx', mode: 0o600 });
    return 'written';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return 'kept';
    throw error;
  }
}
