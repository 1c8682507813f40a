/** The files that a running system has on its disk, to be searched for what must not be there. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Every file below the folder. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

/**
 * Every file below the folder with its bytes.
 *
 * Azurite writes a new `tables.json~` and puts it in the place of `tables.json`, at any moment. So
 * the former is read first: when it is gone, what was in it is in the latter by then.
 */
export function readFilesBelow(folder: string): readonly { file: string; content: Buffer }[] {
  return filesBelow(folder)
    .sort()
    .reverse()
    .flatMap((file) => {
      try {
        return [{ file, content: readFileSync(file) }];
      } catch (error) {
        const gone = error instanceof Error && Reflect.get(error, 'code') === 'ENOENT';
        if (gone && file.endsWith('~')) return [];
        throw error;
      }
    });
}
