import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What esbuild tells of a bundle; only the paths of what went into it are used. */
interface Metafile {
  readonly outputs: Readonly<
    Record<
      string,
      { readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>> }
    >
  >;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * Names, versions and licences of the packages whose code is in a bundle: what their licences ask who
 * passes them on to pass on with them.
 * Thrown when a package has neither a licence's name nor its text: Error, since it may not be shipped.
 */
export function thirdPartyNotices(root: string, metafile: Metafile): string {
  const folders = new Set(
    Object.values(metafile.outputs)
      .flatMap(({ inputs }) => Object.entries(inputs))
      .flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? packageFolder(file) : [])),
  );
  const notices = [...folders].sort().map((folder) => toNotice(path.join(root, folder)));
  return [
    'Certkeeper is bundled with the packages below, each under its own licence.',
    ...new Set(notices),
  ].join(`\n\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/@scope/name` of the innermost package that a file belongs to. */
function packageFolder(file: string): readonly string[] {
  const at = file.lastIndexOf('node_modules/');
  if (at < 0) return [];
  const [first = '', second = ''] = file.slice(at + 'node_modules/'.length).split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  return [`${file.slice(0, at)}node_modules/${name}`];
}

function toNotice(folder: string): string {
  const about = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license?: string;
  };
  const title = `${about.name} ${about.version}`;
  const texts = licenceFiles(folder).map((file) =>
    readFileSync(file, 'utf8').replace(/\r\n/g, '\n').trim(),
  );
  if (about.license === undefined && texts.length === 0) {
    throw new Error(`${title} says nothing of its licence, so it cannot be passed on.`);
  }
  return [`${title} (${about.license ?? 'see below'})`, ...texts].join('\n\n');
}

/** Files of the package's folder that are named after what they hold, and what lies in such folders. */
function licenceFiles(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => LICENCE_FILE.test(name) && !/\.(js|ts|json)$/.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const file = path.join(folder, entry.name);
      if (entry.isFile()) return [file];
      return entry.isDirectory()
        ? readdirSync(file)
            .sort()
            .map((name) => path.join(file, name))
        : [];
    });
}
