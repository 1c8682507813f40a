import type { Conformed } from './list-conformance.ts';

/**
 * What the conformance suite covers, as Markdown: a table for each test file, of behaviours and of the
 * page or file that each follows. Addresses stand together at the end, which keeps the tables narrow.
 * @param versions of the packages that sources name
 */
export function renderConformance(
  all: readonly Conformed[],
  versions: Readonly<Record<string, string>>,
): string {
  const addresses = new Map(all.map(({ source }) => [source, addressOf(source, versions)]));
  const labels = labelAll(addresses);
  const byFile = Object.groupBy(all, ({ file }) => file);
  const tables = Object.entries(byFile).map(([file, tests = []]) =>
    [
      `## ${titleOf(file)}`,
      '',
      `In [\`${file}\`](../${file}):`,
      '',
      '| behaviour | follows |',
      '| --- | --- |',
      ...tests.map(
        ({ behaviour, source }) => `| ${escape(behaviour)} | ${labels.get(source) ?? ''} |`,
      ),
    ].join('\n'),
  );
  const definitions = [...addresses].flatMap(([source, address]) =>
    address === undefined ? [] : [`${labels.get(source) ?? ''}: ${address}`],
  );
  return [...tables, [...new Set(definitions)].sort().join('\n')].join('\n\n');
}

/** `test/conformance/durable/call-http.test.ts` is about _Durable: call http_. */
function titleOf(file: string): string {
  const parts = file.replace(/^test\/(conformance|integration)\//, '').replace(/\.test\.ts$/, '');
  const words = parts.replaceAll('-', ' ').split('/').join(': ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function escape(behaviour: readonly string[]): string {
  return behaviour.join(': ').replaceAll(/[\\|*_<>`[\]]/g, (sign) => `\\${sign}`);
}

/** Where a source can be read; undefined when it only names something. */
function addressOf(source: string, versions: Readonly<Record<string, string>>): string | undefined {
  if (URL.canParse(source)) return source;
  const [place = '', file, ...more] = source.split(' ');
  if (file === undefined) return `../${place}`;
  if (more.length > 0) return undefined;
  const version = versions[place];
  return version === undefined
    ? `https://github.com/${place}/blob/HEAD/${file}`
    : `https://unpkg.com/${place}@${version}/${file}`;
}

/** What stands for each source: the end of its address, as long as it takes to be the only one. */
function labelAll(addresses: ReadonlyMap<string, string | undefined>): ReadonlyMap<string, string> {
  const known = [...new Set([...addresses.values()].filter((one) => one !== undefined))];
  const label = (address: string): string => {
    const parts = address.split('/');
    for (let length = 1; ; length += 1) {
      const end = parts.slice(-length).join('/');
      if (known.filter((other) => `/${other}`.endsWith(`/${end}`)).length === 1) return end;
    }
  };
  return new Map(
    [...addresses].map(([source, address]) => [
      source,
      address === undefined ? `\`${source}\`` : `[${label(address)}]`,
    ]),
  );
}
