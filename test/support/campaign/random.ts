/** Random choices that a seed repeats. */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number;
  /** Thrown when the list is empty: RangeError. */
  pick<T>(from: readonly T[]): T;
  chance(probability: number): boolean;
  /** A source of its own: what is drawn from it does not shift what is drawn here. */
  fork(): Random;
}

/** @param seed a whole number; Mulberry32 (public domain, Tommy Ettinger) spreads it */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  return {
    between,
    pick(from) {
      const picked = from[between(0, from.length - 1)];
      if (picked === undefined) throw new RangeError('There is nothing to pick from.');
      return picked;
    },
    chance: (probability) => next() < probability,
    fork: () => makeRandom(between(0, 2 ** 32 - 1)),
  };
}
