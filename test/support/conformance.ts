import { format } from 'node:util';

/**
 * One behaviour of the host, held against the page or file that it follows: the test's name carries
 * both, so that whoever doubts the behaviour knows where to look.
 * `npm run docs` lists all of them in docs/host-conformance.md.
 * @param source `https://…` of the documentation, or a file whose source is the contract, behind its
 *   package or GitHub repository (`durable-functions lib/src/entities/EntityState.js`)
 * @param behaviour a sentence: what is so
 */
export function conforms(
  source: string,
  behaviour: string,
  run: (() => Promise<void>) | (() => void),
): void {
  test(`${behaviour} [${source}]`, run);
}

/**
 * One behaviour for each row.
 * @param behaviour a sentence in which `%s` and its like stand for the parts of a row, in their order
 */
export function conformsEach<Row extends readonly [unknown, ...unknown[]]>(
  source: string,
  behaviour: string,
  rows: readonly Row[],
  run: (...row: Row) => Promise<void>,
): void {
  const places = behaviour.match(/%[a-z]/g)?.length ?? 0;
  for (const row of rows) {
    conforms(source, format(behaviour, ...row.slice(0, places)), () => run(...row));
  }
}
