import { isSealed, type KnownNamedValue, type UseDocument } from './certificate-use.ts';
import { scopeOf, SERVICE_SCOPE } from './use-scope.ts';

/** What a text says once named values are put in. */
export type Filled =
  /** `via` = the named values it went through, `sure` = no others can have been meant. */
  | {
      readonly kind: 'text';
      readonly text: string;
      readonly via: readonly string[];
      readonly sure: boolean;
    }
  /**
   * A named value that is no thumbprint and no id of a certificate that there is where it is itself;
   * `sure` = it belongs where the text stands.
   */
  | { readonly kind: 'none'; readonly via: readonly string[]; readonly sure: boolean }
  /** It cannot be told: a named value is hidden or missing, or only a part of the text. */
  | { readonly kind: 'unknown'; readonly via: readonly string[] };

/** Puts named values into a text that stands in a document of this scope. */
export type FillIn = (text: string, scope: string) => Filled;

/** Of the signs that a display name may have (REST reference "Named Value"). */
const NAMED_VALUE = /(\{\{\s*[\w.-]+\s*\}\})/;

/**
 * Knows the named values of all documents. `{{name}}` means the display name ("Use named values in
 * API Management policies"; the name of the resource does not count). Whether its case counts is
 * documented nowhere: one that is written the same comes first, then one that differs by case only,
 * if there is but one. In a workspace its own count; whether it sees those of the service is
 * documented nowhere either, so they only may be meant.
 */
export function makeFillIn(documents: readonly UseDocument[]): FillIn {
  const find = makeFind(documents);
  return (text, scope) => {
    const trimmed = text.trim();
    const parts = trimmed.split(NAMED_VALUE).filter((part) => part !== '');
    const via = new Set<string>();
    let filled = '';
    let unknown = false;
    let sure = true;
    for (const part of parts) {
      if (!NAMED_VALUE.test(part)) {
        filled += part;
        continue;
      }
      const name = part.slice(2, -2).trim();
      const found = find(name, scope);
      via.add(found?.namedValue.displayName ?? name);
      const value = found?.namedValue.value;
      if (value?.kind === 'known' && (parts.length === 1 || !isSealed(value.text))) {
        filled += value.text;
        sure &&= found?.own === true;
      } else if (value?.kind === 'other' && parts.length === 1) {
        return { kind: 'none', via: [...via], sure: found?.own === true };
      } else {
        unknown = true;
      }
    }
    if (unknown) return { kind: 'unknown', via: [...via] };
    return { kind: 'text', text: filled, via: [...via], sure };
  };
}

/** `own` = it belongs to the scope itself. */
type Find = (
  name: string,
  scope: string,
) => { readonly namedValue: KnownNamedValue; readonly own: boolean } | undefined;

function makeFind(documents: readonly UseDocument[]): Find {
  const written = new Map<string, KnownNamedValue | 'several'>();
  const alike = new Map<string, KnownNamedValue | 'several'>();
  for (const { path, namedValue } of documents) {
    if (namedValue === undefined) continue;
    const key = `${scopeOf(path)}|${namedValue.displayName}`;
    written.set(key, written.has(key) ? 'several' : namedValue);
    alike.set(key.toLowerCase(), alike.has(key.toLowerCase()) ? 'several' : namedValue);
  }
  return (name, scope) => {
    for (const where of new Set([scope, SERVICE_SCOPE])) {
      const key = `${where}|${name}`;
      const namedValue = written.get(key) ?? alike.get(key.toLowerCase());
      if (namedValue === 'several') return undefined;
      if (namedValue !== undefined) return { namedValue, own: where === scope };
    }
    return undefined;
  };
}
