import type { CertificateLooks } from './certificate-looks.ts';
import type { Problem } from './errors.ts';
import { formatSource, type Source, type SourceObservation } from './source.ts';

/** What to do about a version that looks wrong: the setting `CERTKEEPER_ON_SUSPECT`. */
export type OnSuspect = 'warn' | 'hold';

/** A version with its public looks. */
export interface KnownVersion {
  readonly version: string;
  readonly looks: CertificateLooks;
}

/** What a new version is measured by. */
export interface Yardstick {
  readonly onSuspect: OnSuspect;
  /** The version that was verified last; absent = none is known, and nothing is suspect. */
  readonly verified?: KnownVersion;
  /** Thumbprints of certificates that were in place before that one. */
  readonly earlier?: readonly string[];
  /** The version that somebody with the role to do so let pass. */
  readonly approved?: string;
  /** Thumbprint of the certificate that somebody last asked to be the current one again. */
  readonly wentBackTo?: string;
}

/** The judgement of a source's current version. */
export type Suspicion =
  | { readonly kind: 'none' }
  /** It goes to the targets, and is named. */
  | { readonly kind: 'warned'; readonly problem: Problem }
  /** It stays away from the targets until it is approved. */
  | { readonly kind: 'held'; readonly problem: Problem };

/** The longest list of names that a sentence holds. */
const NAMES_IN_A_SENTENCE = 10;

/**
 * Measures a source's current version by the one that was verified before it. One that was verified
 * itself is never suspect, nor is a certificate that was in place once and that somebody went back to.
 * @param now ISO 8601
 * @param operation the id of the operation that would be approved, where it is known
 */
export function judgeVersion(
  source: Source,
  observation: SourceObservation,
  { onSuspect, verified, earlier = [], approved, wentBackTo }: Yardstick,
  now: string,
  operation = '{id}',
): Suspicion {
  if (observation.kind !== 'present' || verified === undefined) return { kind: 'none' };
  const { version, looks, thumbprint } = observation.current;
  const known = earlier.includes(thumbprint);
  if (version === verified.version || (known && thumbprint === wentBackTo)) return { kind: 'none' };
  // What cannot be compared must not slip past whoever wants versions held.
  const differences =
    looks === undefined
      ? ['it cannot be read, or holds too much to be compared']
      : findDifferences(verified.looks, looks, now);
  if (differences.length === 0) return { kind: 'none' };
  const name = formatSource(source);
  const what = `The version ${version} of ${name} does not look like the one before it: ${differences.join('; ')}.`;
  // What was in place once and comes back in the vault itself must not wait for anybody.
  if (onSuspect === 'warn' || approved === version || known) {
    return {
      kind: 'warned',
      problem: {
        code: 'VERSION_SUSPECT',
        message: what,
        resource: name,
        cure: `If it was not meant, go back: npx certkeeper rollback ${name}`,
      },
    };
  }
  return {
    kind: 'held',
    problem: {
      code: 'VERSION_HELD',
      message: `${what} Certkeeper leaves the targets as they are until it is approved.`,
      resource: name,
      cure: `Approve it (role Certkeeper.Manage): npx certkeeper approve ${name}, or POST /api/operations/${operation}/approve. If it was not meant, disable it, since API Management reads the vault by itself within four hours: az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name} --version ${version} --enabled false; or go back: npx certkeeper rollback ${name}`,
    },
  };
}

/**
 * What of a certificate differs from the one it replaces in a way that a renewal does not bring by
 * itself, each as "what: before → after". Empty for an ordinary renewal.
 */
export function findDifferences(
  before: CertificateLooks,
  after: CertificateLooks,
  now: string,
): readonly string[] {
  return [
    ...changed('subject', before.subject, after.subject),
    ...changedNames(before.sans, after.sans),
    ...changed('issuer', before.issuer, after.issuer),
    ...changed('key', keyOf(before), keyOf(after), isNoWeaker(before, after)),
    ...changed('key usage', listOf(before.keyUsage), listOf(after.keyUsage)),
    ...changed(
      'extended key usage',
      listOf(before.extendedKeyUsage),
      listOf(after.extendedKeyUsage),
    ),
    ...shorter(before, after),
    ...(Date.parse(after.notAfter) <= Date.parse(now)
      ? [`it has expired already, at ${after.notAfter}`]
      : []),
  ];
}

/** Months and leap days make the validity of one policy differ by up to a tenth. */
const SHORTER_BY = 0.9;
const DAY_MS = 86_400_000;

/** It may end before the one that it replaces, or be valid for less time and end later all the same. */
function shorter(before: CertificateLooks, after: CertificateLooks): string[] {
  if (Date.parse(after.notAfter) < Date.parse(before.notAfter)) {
    return [`it expires earlier: ${before.notAfter} → ${after.notAfter}`];
  }
  const [was, is] = [before, after].map(daysOf);
  if (was === undefined || is === undefined || is >= was * SHORTER_BY) return [];
  return [`it is valid for less time: ${was.toFixed(0)} → ${is.toFixed(0)} days`];
}

function daysOf({ notBefore, notAfter }: CertificateLooks): number {
  return (Date.parse(notAfter) - Date.parse(notBefore)) / DAY_MS;
}

function changed(what: string, before: string, after: string, harmless = false): string[] {
  return before === after || harmless ? [] : [`${what}: ${shown(before)} → ${shown(after)}`];
}

function changedNames(before: readonly string[], after: readonly string[]): string[] {
  const lost = missingFrom(after, before);
  const added = missingFrom(before, after);
  return [
    ...(lost.length > 0 ? [`names lost: ${some(lost)}`] : []),
    ...(added.length > 0 ? [`names added: ${some(added)}`] : []),
  ];
}

/** DNS names do not care for case, and no kind of name comes in an order that means something. */
function missingFrom(names: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(names.map((name) => name.toLowerCase()));
  return [...new Set(wanted)].filter((name) => !there.has(name.toLowerCase()));
}

function some(names: readonly string[]): string {
  const first = names.slice(0, NAMES_IN_A_SENTENCE).map(shown).join(', ');
  const more = names.length - NAMES_IN_A_SENTENCE;
  return more > 0 ? `${first} and ${String(more)} more` : first;
}

function listOf(usages: readonly string[]): string {
  return [...usages].sort().join(', ');
}

function keyOf({ keyType, keySize, curve }: CertificateLooks): string {
  if (curve !== undefined) return `${keyType} ${curve}`;
  return keySize === undefined ? keyType : `${keyType} ${String(keySize)}`;
}

/** A longer key of the same type is what one hopes for. */
function isNoWeaker(before: CertificateLooks, after: CertificateLooks): boolean {
  return before.keyType === after.keyType && (after.keySize ?? 0) > (before.keySize ?? 0);
}

/** Names come from outside: none may fill a sentence. */
function shown(text: string): string {
  if (text === '') return '(none)';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
