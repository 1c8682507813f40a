/** What the campaign's orchestrations are told to do, and what must come of it. */
import type { Random } from './random.ts';

/** Steps whose task can be waited for together with others. */
type Leaf =
  /** An activity. */
  | { readonly op: 'call'; readonly key: string; readonly value: number; readonly ms: number }
  /** An activity that fails a number of times and is tried again. */
  | { readonly op: 'retried'; readonly key: string; readonly value: number; readonly fails: number }
  /** A sub-orchestration, with an id of its own choice or of the engine's. */
  | { readonly op: 'sub'; readonly id?: string; readonly steps: readonly Step[] }
  /** A sub-orchestration that fails a number of times and is tried again. */
  | {
      readonly op: 'subRetried';
      readonly id?: string;
      readonly key: string;
      readonly value: number;
      readonly fails: number;
    };
/** An activity that fails for good, without retry and with. */
type Failing =
  | { readonly op: 'caught'; readonly key: string }
  | { readonly op: 'exhausted'; readonly key: string; readonly attempts: number };

export type Step =
  | Leaf
  | Failing
  | { readonly op: 'all'; readonly of: readonly Leaf[] }
  /**
   * Fails as soon as one fails, and goes on while the others run. None of them has a retry of its
   * own: on Azure, too, the library and the engine then count their steps differently
   * (azure-functions-durable-python#603).
   */
  | { readonly op: 'allCaught'; readonly of: readonly (Leaf | Failing)[] }
  /** All side by side, and then each one's result or failure. */
  | { readonly op: 'settled'; readonly of: readonly (Leaf | Failing)[] }
  /** An activity against a timer of an hour, which is cancelled. */
  | { readonly op: 'first'; readonly key: string; readonly value: number }
  /** A timer against an event that never comes. */
  | { readonly op: 'timeout'; readonly ms: number }
  | { readonly op: 'timers'; readonly ms: readonly number[] }
  | { readonly op: 'status'; readonly text: string }
  | { readonly op: 'guid' | 'clock'; readonly key: string }
  | { readonly op: 'event'; readonly name: string; readonly value: number }
  /** Values that an entity of its own is sent, by signal or by call, and then asked for. */
  | { readonly op: 'entity'; readonly key: string; readonly values: readonly number[] }
  /** Moves an amount between two entities that others move amounts between, too. */
  | { readonly op: 'transfer'; readonly from: string; readonly to: string; readonly amount: number }
  /** Takes the locks of a transfer and never lets them go. */
  | { readonly op: 'lockForever'; readonly accounts: readonly string[] }
  | { readonly op: 'forever' };

/** How often an activity must have been asked for; it runs that often, and again after a kill. */
export type Effects = ReadonlyMap<string, number>;

/**
 * Makes up steps.
 * @param prefix keys and ids begin with it; letters, digits and dots
 */
export function makeSteps(random: Random, prefix: string, count: number, depth = 1): Step[] {
  return Array.from({ length: count }, (_, index) => makeStep(random, `${prefix}.${index}`, depth));
}

function makeStep(random: Random, key: string, depth: number): Step {
  const value = random.between(0, 1_000_000);
  const leaves = (many: number): Leaf[] =>
    Array.from({ length: many }, (_, index) => makeLeaf(random, `${key}.${index}`, depth));
  const isPlain = ({ op }: Leaf): boolean => op === 'call' || op === 'sub';
  switch (random.between(0, 14)) {
    case 13:
      return {
        op: 'entity',
        key,
        values: Array.from({ length: random.between(1, 6) }, () => random.between(0, 9)),
      };
    case 14: {
      const [from, to] = pickAccounts(random);
      return { op: 'transfer', from, to, amount: random.between(1, 9) };
    }
    case 0:
      return { op: 'caught', key };
    case 1:
      return { op: 'exhausted', key, attempts: random.between(2, 3) };
    case 2:
      return { op: 'all', of: leaves(random.between(2, 8)) };
    case 3:
      return { op: 'allCaught', of: [...leaves(4).filter(isPlain), { op: 'caught', key }] };
    case 4:
      return { op: 'first', key, value };
    case 5:
      return { op: 'timeout', ms: random.between(1, 60) };
    case 6:
      return { op: 'timers', ms: [random.between(1, 60), random.between(1, 60)] };
    case 7:
      return { op: 'status', text: `${key} ${value}` };
    case 8:
      return { op: random.pick(['guid', 'clock']), key };
    case 9:
      return {
        op: 'settled',
        of: [
          ...leaves(random.between(0, 2)),
          { op: 'caught', key: `${key}.c` },
          { op: 'exhausted', key: `${key}.x`, attempts: random.between(1, 3) },
        ],
      };
    default:
      return makeLeaf(random, key, depth);
  }
}

/** Two different ones of a few that all share. */
export function pickAccounts(random: Random): readonly [string, string] {
  const first = random.between(0, 2);
  return [`account${first}`, `account${(first + random.between(1, 2)) % 3}`];
}

function makeLeaf(random: Random, key: string, depth: number): Leaf {
  const value = random.between(0, 1_000_000);
  const id = random.chance(0.5) ? { id: `${key}.sub` } : {};
  const kind = random.between(0, depth > 0 ? 7 : 5);
  if (kind <= 3) return { op: 'call', key, value, ms: random.pick([0, 0, 5, 20]) };
  if (kind <= 5) return { op: 'retried', key, value, fails: random.between(1, 2) };
  if (kind === 6) return { op: 'subRetried', ...id, key, value, fails: random.between(0, 2) };
  const steps = makeSteps(random, key, random.between(1, 3), depth - 1);
  return { op: 'sub', ...id, steps };
}

/** What the orchestration must put out. */
export function resultsOf(steps: readonly Step[]): unknown[] {
  return steps.map(resultOf);
}

function resultOf(step: Step): unknown {
  switch (step.op) {
    case 'call':
    case 'retried':
    case 'first':
    case 'event':
      return step.value;
    case 'sub':
      return resultsOf(step.steps);
    case 'subRetried':
      return [step.value];
    case 'caught':
    case 'exhausted':
      return `caught ${step.key}`;
    case 'all':
    case 'settled':
      return step.of.map(resultOf);
    case 'allCaught':
      return step.of.filter(({ op }) => op === 'caught').map(resultOf)[0];
    case 'timeout':
      return 'timeout';
    case 'timers':
      return 'in time';
    case 'status':
      return step.text;
    case 'guid':
    case 'clock':
    case 'transfer':
      return true;
    case 'entity':
      return step.values;
    case 'forever':
    case 'lockForever':
      return undefined;
  }
}

/** The custom status at the end; null when none was set. */
export function statusOf(steps: readonly Step[]): string | null {
  return steps.flatMap((step) => (step.op === 'status' ? [step.text] : [])).at(-1) ?? null;
}

export function effectsOf(steps: readonly Step[]): Effects {
  return new Map(steps.flatMap(listEffects));
}

function listEffects(step: Step): readonly (readonly [string, number])[] {
  switch (step.op) {
    case 'call':
    case 'caught':
    case 'first':
    case 'guid':
    case 'clock':
      return [[step.key, 1]];
    case 'retried':
    case 'subRetried':
      return [[step.key, step.fails + 1]];
    case 'exhausted':
      return [[step.key, step.attempts]];
    case 'sub':
      return step.steps.flatMap(listEffects);
    case 'all':
    case 'settled':
    case 'allCaught':
      return step.of.flatMap(listEffects);
    default:
      return [];
  }
}
