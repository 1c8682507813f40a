import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeZip } from './make-zip.ts';
import { thirdPartyNotices } from './third-party-notices.ts';

export interface AppPackage {
  readonly file: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
  /** Paths in the archive. */
  readonly files: readonly string[];
}

/**
 * Puts the built app into one zip: what `func azure functionapp publish`, `az functionapp deployment`
 * and a Functions host take as it is. The same sources make the same bytes. A file beside it holds its
 * checksum as `sha256sum --check` reads it.
 * @param root the repository, with the app built
 * @param folder where the zip goes
 */
export function packageApp(root: string, folder: string): AppPackage {
  const read = (file: string): Buffer => readFileSync(path.join(root, file));
  const about = JSON.parse(read('package.json').toString()) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
    readonly main: string;
  };
  const { name, version, license, main } = about;
  const metafile = JSON.parse(read('dist/meta.json').toString()) as Parameters<
    typeof thirdPartyNotices
  >[1];
  // The repository's own package.json names what development needs; a deployment needs none of it.
  const engines = { node: '>=22' };
  const files = new Map<string, Uint8Array>([
    ['package.json', toBytes({ name, version, license, private: true, main, engines })],
    [main, read(main)],
    ['host.json', read('host.json')],
    ['LICENSE', read('LICENSE')],
    ['THIRD-PARTY-NOTICES.txt', Buffer.from(`${thirdPartyNotices(root, metafile)}\n`)],
  ]);
  const zip = makeZip(files);
  const sha256 = createHash('sha256').update(zip).digest('hex');
  const file = path.join(folder, `${name}-${version}.zip`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, zip);
  writeFileSync(`${file}.sha256`, `${sha256}  ${path.basename(file)}\n`);
  return { file, bytes: zip.length, sha256, files: [...files.keys()].sort() };
}

function toBytes(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
