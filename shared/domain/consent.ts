import { isPattern, isSourcePattern, matchesPath } from './path-pattern.ts';
import { formatTarget, type Target } from './target.ts';
import { formatSource, type Source } from './source.ts';
import { splitRules } from './split-rules.ts';

/** One rule of `CERTKEEPER_ALLOW`: these sources may be bound to these targets. */
export interface ConsentRule {
  /** `vault/name`, `*` for any run of characters inside a segment. */
  readonly source: string;
  readonly target: string;
}

/** Kinds that only a rule without wildcard can allow: they reach beyond one client certificate. */
const NEVER_BY_WILDCARD: ReadonlySet<Target['kind']> = new Set([
  'ca-certificate',
  'hostname',
  'entra-application',
  'classic-management',
]);

/**
 * Reads `CERTKEEPER_ALLOW`: rules separated by `;` or a new line, each
 * `vault/name => target, target`. A service name alone allows client certificates of any id there.
 * @returns the rules, and a sentence for each part that cannot be read
 */
export function parseConsent(text: string): {
  readonly rules: readonly ConsentRule[];
  readonly errors: readonly string[];
} {
  const rules: ConsentRule[] = [];
  const errors: string[] = [];
  for (const [index, part] of splitRules(text).entries()) {
    const where = `rule ${String(index + 1)}`;
    const [left = '', right, ...rest] = part.split('=>').map((side) => side.trim());
    if (right === undefined || rest.length > 0) {
      errors.push(`${where} is not written "vault/name => target, target"`);
      continue;
    }
    if (!isSourcePattern(left)) {
      errors.push(`${where} does not begin with vault/name`);
      continue;
    }
    for (const target of right.split(',').map((one) => toPattern(one.trim()))) {
      if (target === undefined) errors.push(`${where} names a target that is no path`);
      else rules.push({ source: left.toLowerCase(), target });
    }
  }
  return { rules, errors };
}

/**
 * The paths that targets have. What stands between the braces may hold a wildcard where the kind
 * allows one; the words beside them are what makes a kind, and never do.
 */
const SHAPES = [
  '{}/certificates/{}',
  '{}/workspaces/{}/certificates/{}',
  '{}/ca/{}',
  '{}/hostnames/{}',
  '{}/gateways/{}',
  'entra/applications/{}',
  'classic/subscriptions/{}',
].map((shape) => shape.split('/'));

/** A target's pattern in full, lower case; undefined for what could never match a target. */
function toPattern(text: string): string | undefined {
  if (!isPattern(text)) return undefined;
  const segments = text.toLowerCase().split('/');
  const short = segments.length === 1 || (segments.length === 3 && segments[1] === 'workspaces');
  const full = short ? [...segments, 'certificates', '*'] : segments;
  const fits = SHAPES.some(
    (shape) =>
      shape.length === full.length &&
      shape.every((word, index) => word === '{}' || word === full[index]),
  );
  return fits ? full.join('/') : undefined;
}

/** Whether the target's side consents to this binding. Denied unless a rule says otherwise. */
export function consents(rules: readonly ConsentRule[], source: Source, target: Target): boolean {
  const sourcePath = formatSource(source);
  const targetPath = formatTarget(target).toLowerCase();
  return rules.some(
    (rule) =>
      matchesPath(rule.source, sourcePath) &&
      (NEVER_BY_WILDCARD.has(target.kind)
        ? rule.target === targetPath
        : matchesPath(rule.target, targetPath)),
  );
}

/** Whether anything at all may be bound to this source: the rules know of it. */
export function knowsSource(rules: readonly ConsentRule[], source: Source): boolean {
  const path = formatSource(source);
  return rules.some((rule) => matchesPath(rule.source, path));
}
