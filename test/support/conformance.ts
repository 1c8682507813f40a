/**
 * One behaviour of the host, held against the page or file that it follows: the test's name carries
 * both, so that whoever doubts the behaviour knows where to look.
 * @param source `https://…` of the documentation, or `package path/in/package.js` of a library whose
 *   source is the contract (`durable-functions lib/src/entities/EntityState.js`)
 * @param behaviour a sentence: what is so
 */
export function conforms(source: string, behaviour: string, run: () => Promise<void>): void {
  test(`${behaviour} [${source}]`, run);
}
