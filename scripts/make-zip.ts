import { zipSync, type Zippable } from 'fflate';

/**
 * A zip archive that depends on nothing but the files: sorted, all of one time, and compressed by
 * JavaScript, which makes the same bytes on every machine and Node, where zlib may not.
 * @param files contents by path, with `/` between folders
 */
export function makeZip(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sorted = [...files].sort(([one], [other]) => (one < other ? -1 : 1));
  const entries: Zippable = Object.fromEntries(sorted);
  // The format has local times: this one is the earliest it knows, wherever it is made.
  return zipSync(entries, { level: 9, mtime: new Date(1980, 0, 1) });
}
