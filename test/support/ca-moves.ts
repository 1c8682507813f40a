/** What may happen to a service's CA certificates, at random. */
import * as fc from 'fast-check';

export const CA_NUMBERS = 14;
const number = fc.integer({ min: 1, max: CA_NUMBERS });
/** Even numbers are roots; sources and people shall meet at few of them. */
const root = fc.constantFrom(2, 4, 6);
const who = fc.constantFrom(0, 1, 2);

type Does =
  | 'upload'
  | 'remove'
  | 'bind'
  | 'detach'
  | 'sync'
  | 'advance'
  | 'update'
  | 'pass'
  | 'others-add'
  | 'others-remove'
  | 'tier'
  | 'fail'
  | 'forget'
  | 'refuse'
  | 'lose';
export interface CaMove {
  readonly does: Does;
  /** Numbers of certificates. */
  readonly of?: readonly number[];
  readonly who?: number;
  /** How long, or which one. */
  readonly count?: number;
  /** Downtime is accepted; what Azure forgets has had its effect. */
  readonly accept: boolean;
  readonly unknown: boolean;
}

const some = (weight: number, does: Does, more: Record<string, fc.Arbitrary<unknown>> = {}) => ({
  weight,
  arbitrary: fc.record({
    does: fc.constant(does),
    ...{ accept: fc.boolean(), unknown: fc.boolean() },
    ...more,
  }) as fc.Arbitrary<CaMove>,
});
const move = fc.oneof(
  some(2, 'upload', { of: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }) }),
  some(4, 'upload', { of: fc.tuple(root) }),
  some(1, 'remove', { of: fc.tuple(number) }),
  some(3, 'remove', { of: fc.tuple(root) }),
  some(4, 'bind', { who, of: fc.tuple(root) }),
  some(3, 'detach', { who }),
  some(8, 'sync', { who }),
  some(6, 'advance'),
  some(6, 'update', { count: fc.integer({ min: 5, max: 40 }) }),
  some(4, 'pass', { count: fc.integer({ min: 1, max: 1_500 }) }),
  some(1, 'pass', { count: fc.constant(16 * 86_400) }),
  some(1, 'others-add', { of: fc.tuple(fc.constantFrom(1, 2, 4, 6, 13)) }),
  some(1, 'others-remove', { of: fc.tuple(fc.constantFrom(1, 2, 4, 6, 13)) }),
  some(1, 'tier'),
  some(1, 'fail'),
  some(1, 'forget'),
  some(1, 'refuse', { of: fc.tuple(root) }),
  some(2, 'lose', { count: fc.nat(9) }),
);

/** A move, and what comes between its calls: another move, or the end of the process. */
const step = fc.record(
  {
    move,
    calls: fc.integer({ min: 1, max: 8 }),
    between: fc.oneof({ weight: 3, arbitrary: move }, { weight: 1, arbitrary: fc.boolean() }),
  },
  { requiredKeys: ['move'] },
);
export type CaStep = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
export const caCourses = fc.array(step, { minLength: 5, maxLength: 50 });
