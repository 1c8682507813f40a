import { FINDING_CODES } from '../audit/finding-codes.ts';
import { SEVERITIES, type Severity } from '../audit/audit-report.ts';
import { EVENT_NAMES } from './events.ts';
import { PLACE_NAME } from './place.ts';
import { splitRules } from '../split-rules.ts';

/** One rule of `CERTKEEPER_NOTIFY`: who is told of these findings and events. */
export interface NotifyRule {
  readonly what: readonly Pattern[];
  /** Names of places, e.g. `teams:ops`. */
  readonly places: readonly string[];
  /** Gathered into one message with each audit, instead of one for each at once. */
  readonly digest: boolean;
}

/** What a rule is about, or, with `not`, leaves out. */
interface Pattern {
  readonly kind: 'finding' | 'event';
  /** A code or an event's name; `*` stands for any run of characters. */
  readonly code: string;
  /** Only those that are at least so grave. */
  readonly atLeast?: Severity;
  readonly not?: true;
}

/** Something that a rule may be about. */
export interface Subject {
  readonly kind: 'finding' | 'event';
  /** `EXPIRES_SOON`, `SyncFailed` */
  readonly code: string;
  readonly severity: Severity;
}

/** How a place is told of something: by itself at once, or in the next digest. */
export type Road = 'at-once' | 'digest';

/**
 * Reads `CERTKEEPER_NOTIFY`: rules separated by `;` or a new line, each
 * `what, what => place, place` with `(digest)` at its end where that is meant.
 *
 * @returns the rules, and a sentence for each part that cannot be read
 */
export function parseNotify(text: string): {
  readonly rules: readonly NotifyRule[];
  readonly errors: readonly string[];
} {
  const rules: NotifyRule[] = [];
  const errors: string[] = [];
  for (const [index, part] of splitRules(text).entries()) {
    const { rule, problems } = parseRule(part);
    errors.push(...problems.map((problem) => `rule ${String(index + 1)} ${problem}`));
    if (problems.length === 0) rules.push(rule);
  }
  return { rules, errors };
}

function parseRule(part: string): { rule: NotifyRule; problems: readonly string[] } {
  const [left = '', right = '', ...rest] = part.split('=>');
  const [, named = '', digest] = /^(.*?)(\(digest\))?$/i.exec(right.trim()) ?? [];
  const words = toWords(left);
  const places = toWords(named).map((place) => place.toLowerCase());
  const what = words.map(toPattern);
  const problems = [
    ...(rest.length > 0 || words.length === 0 || places.length === 0
      ? ['is not written "what, what => place, place"']
      : []),
    ...words
      .filter((_, at) => what[at] === undefined)
      .map((word) => `names "${word.slice(0, 80)}", which is neither a finding nor an event`),
    ...places
      .filter((place) => !PLACE_NAME.test(place))
      .map((place) => `names the place "${place.slice(0, 80)}", which is no topic, ${KINDS}`),
  ];
  const patterns = what.filter((pattern) => pattern !== undefined);
  if (patterns.length > 0 && patterns.every(({ not }) => not === true)) {
    problems.push('only leaves out, and names nothing');
  }
  return { rule: { what: patterns, places, digest: digest !== undefined }, problems };
}

const KINDS = 'webhook:{name}, teams:{name} or slack:{name}';

function toWords(text: string): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

/** `findings`, `events>=high`, `EXPIRES_*`, `!USED_BY_NOTHING`, `SyncFailed`. */
function toPattern(word: string): Pattern | undefined {
  const [, not, name = '', least] = /^(!)?\s*([A-Za-z_*]+)\s*(?:>=\s*([a-z]+))?$/.exec(word) ?? [];
  const atLeast = SEVERITIES.find((severity) => severity === least);
  const kind = kindOf(name);
  if (kind === undefined || (least !== undefined && atLeast === undefined)) return undefined;
  return {
    kind,
    code: isWhole(name) ? '*' : name,
    ...(atLeast === undefined ? {} : { atLeast }),
    ...(not === undefined ? {} : { not: true }),
  };
}

function isWhole(name: string): boolean {
  return name === 'findings' || name === 'events';
}

/** A name that stands for nothing at all is a slip, and would be one that nobody notices. */
function kindOf(name: string): Pattern['kind'] | undefined {
  if (isWhole(name)) return name === 'findings' ? 'finding' : 'event';
  if (!/[A-Z]/.test(name)) return undefined;
  const finding = FINDING_CODES.some((code) => matches(name, code));
  const event = EVENT_NAMES.some((event) => matches(name, event));
  if (finding === event) return undefined;
  return finding ? 'finding' : 'event';
}

/** The places that the rules tell of something. At once goes before a digest. */
export function routesOf(
  rules: readonly NotifyRule[],
  subject: Subject,
): ReadonlyMap<string, Road> {
  const roads = new Map<string, Road>();
  for (const { what, places, digest } of rules) {
    const isAbout = what.some((pattern) => pattern.not !== true && fits(pattern, subject));
    const leavesOut = what.some((pattern) => pattern.not === true && fits(pattern, subject));
    if (!isAbout || leavesOut) continue;
    for (const place of places) {
      if (roads.get(place) !== 'at-once') roads.set(place, digest ? 'digest' : 'at-once');
    }
  }
  return roads;
}

function fits({ kind, code, atLeast = 'low' }: Pattern, subject: Subject): boolean {
  return (
    kind === subject.kind &&
    SEVERITIES.indexOf(subject.severity) <= SEVERITIES.indexOf(atLeast) &&
    matches(code, subject.code)
  );
}

/** Wildcard match, piece by piece: no regular expression is ever built from a setting. */
function matches(pattern: string, text: string): boolean {
  const [head = '', ...tails] = pattern.split('*');
  const last = tails.pop();
  if (last === undefined) return pattern === text;
  if (!text.startsWith(head)) return false;
  let at = head.length;
  for (const piece of tails) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - at >= last.length && text.endsWith(last);
}
