/** Where the files of this repository are, however a program was started. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The repository's folder: the nearest one above the running script, else above the working
 * folder, whose package.json is this project's.
 * Thrown when there is none: the program was copied out of its repository.
 */
export function repositoryRoot(): string {
  for (const start of [path.dirname(process.argv[1] ?? '.'), process.cwd()]) {
    for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
      if (isRepository(folder)) return folder;
      if (folder === path.dirname(folder)) break;
    }
  }
  throw new Error('This must run inside the Certkeeper repository.');
}

function isRepository(folder: string): boolean {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return false;
  return /"name":\s*"certkeeper"/.test(readFileSync(file, 'utf8'));
}
