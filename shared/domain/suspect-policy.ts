import { isSourcePattern, matchesPath } from './path-pattern.ts';
import { formatSource, type Source } from './source.ts';
import { splitRules } from './split-rules.ts';
import type { OnSuspect } from './suspect.ts';

/** What to do about versions that look wrong, source by source: the setting `CERTKEEPER_ON_SUSPECT`. */
export interface SuspectPolicy {
  /** The first that fits a source counts. */
  readonly rules: readonly {
    /** `vault/name`, `*` for any run of characters inside a segment. */
    readonly source: string;
    readonly onSuspect: OnSuspect;
  }[];
  /** For sources that no rule fits. */
  readonly otherwise: OnSuspect;
}

/** The same for every source. */
export const always = (onSuspect: OnSuspect): SuspectPolicy => ({
  rules: [],
  otherwise: onSuspect,
});

/**
 * Reads `CERTKEEPER_ON_SUSPECT`: `warn` or `hold` for all, and rules `vault/name => hold` for some,
 * separated by `;` or a new line. Without a word for all, others are warned of.
 * @returns the policy, and a sentence for each part that cannot be read
 */
export function parseSuspectPolicy(text: string): {
  readonly policy: SuspectPolicy;
  readonly errors: readonly string[];
} {
  const rules: SuspectPolicy['rules'][number][] = [];
  const words: OnSuspect[] = [];
  const errors: string[] = [];
  for (const [index, part] of splitRules(text).entries()) {
    const where = `rule ${String(index + 1)}`;
    const sides = part.split('=>').map((side) => side.trim());
    const onSuspect = WORDS.find((word) => word === sides.at(-1));
    const [source = ''] = sides;
    if (onSuspect === undefined || sides.length > 2) {
      errors.push(`${where} is neither "warn" nor "hold" nor "vault/name => hold"`);
    } else if (sides.length === 1) {
      words.push(onSuspect);
    } else if (isSourcePattern(source)) {
      rules.push({ source: source.toLowerCase(), onSuspect });
    } else {
      errors.push(`${where} does not begin with vault/name`);
    }
  }
  if (words.length > 1) errors.push('only one word may be for all');
  return { policy: { rules, otherwise: words[0] ?? 'warn' }, errors };
}

const WORDS = ['warn', 'hold'] as const satisfies readonly OnSuspect[];

/** What is to be done about a version of this source that looks wrong. */
export function onSuspectOf({ rules, otherwise }: SuspectPolicy, source: Source): OnSuspect {
  const path = formatSource(source);
  return rules.find((rule) => matchesPath(rule.source, path))?.onSuspect ?? otherwise;
}
