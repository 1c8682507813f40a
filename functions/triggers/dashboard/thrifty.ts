export interface Thrift {
  /** What was read serves for this many times as long as reading it took. */
  readonly share: number;
  /** And for this long at least, in milliseconds. */
  readonly least: number;
}

/** At most a tenth of the time is spent reading, however many people look and however often. */
const THRIFT: Thrift = { share: 10, least: 1_000 };

/**
 * A reader that bounds its own cost: what was read serves everybody until reading it again is cheap
 * beside the time that has passed. What takes 50 ms is a second old at most, what takes two seconds
 * twenty. A reading that fails is not kept, and whoever waited for it gets its error.
 *
 * @param clock milliseconds that never go back
 */
export function makeThrifty<Args extends readonly unknown[], Value>(
  read: (...args: Args) => Promise<Value>,
  clock: () => number,
  { share, least }: Thrift = THRIFT,
): (...args: Args) => Promise<Value> {
  let kept: { readonly value: Promise<Value>; until: number } | undefined;
  return (...args) => {
    if (kept !== undefined && clock() < kept.until) return kept.value;
    const began = clock();
    // Until it is done nobody else begins.
    const reading = { value: read(...args), until: Infinity };
    kept = reading;
    reading.value.then(
      () => {
        const ended = clock();
        reading.until = ended + Math.max(least, (ended - began) * share);
      },
      () => {
        if (kept === reading) kept = undefined;
      },
    );
    return reading.value;
  };
}
