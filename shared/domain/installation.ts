/**
 * Several installations of Certkeeper may have one service under care. One of them changes it: the one
 * whose mark the service bears. The others say so, and keep their hands off.
 */
import type { Problem } from './errors.ts';
import { toPlainText } from './plain-text.ts';

/** What an installation may be called: harmless in a sentence, in a tag and in an address. */
export const INSTALLATION_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,59}$/;

/** What was seen of a service's mark. */
export type Mark =
  | { readonly kind: 'none' }
  | { readonly kind: 'ours' }
  | { readonly kind: 'foreign'; readonly installation: string }
  /** It cannot be read, or not be written: nobody can tell who is here. */
  | { readonly kind: 'unknown'; readonly lacks: 'read' | 'write'; readonly problem: Problem };

/** A mark as it is remembered. */
export interface SeenMark {
  readonly mark: Mark;
  /** ISO 8601. */
  readonly seenAt: string;
  /** When this installation wrote it: ISO 8601; absent = it found it there. */
  readonly claimedAt?: string;
}

/** A mark stays what it is: nobody writes over another's, but a person who takes the service. */
const HOLDS_MS = 86_400_000;
/**
 * Of two installations that both found no mark and wrote theirs, the later one's stays, where Azure
 * does not keep the later one from writing. For so long the earlier one looks again each time.
 */
const UNSETTLED_MS = 60_000;

/** What a mark that was read means to an installation. */
export function judgeMark(installation: string | undefined, own: string): Mark {
  if (installation === undefined) return { kind: 'none' };
  return installation === own
    ? { kind: 'ours' }
    : { kind: 'foreign', installation: toPlainText(installation, LONGEST_SHOWN) };
}
const LONGEST_SHOWN = 80;

/**
 * Whether a service may be changed without looking at its mark once more. Only what lets it go on is
 * ever trusted: what keeps its hands off it looks at each time, so that it goes on as soon as it may.
 */
export function isTrusted(seen: SeenMark | undefined, now: string): boolean {
  if (seen === undefined || seen.mark.kind === 'none' || seen.mark.kind === 'foreign') return false;
  if (!holds(seen, now)) return false;
  if (seen.claimedAt === undefined) return true;
  return Date.parse(seen.seenAt) - Date.parse(seen.claimedAt) >= UNSETTLED_MS;
}

function holds({ seenAt }: SeenMark, now: string): boolean {
  const age = Date.parse(now) - Date.parse(seenAt);
  return age >= 0 && age < HOLDS_MS;
}

/**
 * What to remember of a look. A claim stays unsettled until it was seen long enough after. That there
 * is no mark is no news where none could be written: for a day that is not tried again.
 */
export function toSeen(mark: Mark, before: SeenMark | undefined, now: string): SeenMark {
  if (mark.kind === 'none' && before?.mark.kind === 'unknown' && before.mark.lacks === 'write') {
    if (holds(before, now)) return before;
  }
  const claimedAt = mark.kind === 'ours' ? before?.claimedAt : undefined;
  return { mark, seenAt: now, ...(claimedAt === undefined ? {} : { claimedAt }) };
}

/** Why a service is left as it is. */
export function serviceTaken(service: string, installation: string): Problem {
  return {
    code: 'SERVICE_TAKEN',
    message: `${service} is kept by another installation of Certkeeper, ${installation}, so this one changes nothing there.`,
    resource: service,
    cure: `Take the service from this installation's CERTKEEPER_SERVICES; or, if this one is to keep it, take it: POST /api/services/${service}/take (role Certkeeper.Manage).`,
  };
}

/** What people should know of a mark; undefined = nothing. */
export function tellMark(service: string, mark: Mark): Problem | undefined {
  if (mark.kind === 'foreign') return serviceTaken(service, mark.installation);
  if (mark.kind !== 'unknown') return undefined;
  return {
    code: 'SERVICE_UNMARKED',
    message: `Whether another installation of Certkeeper keeps ${service} cannot be told. ${mark.problem.message}`,
    resource: service,
    ...(mark.problem.cure === undefined ? {} : { cure: mark.problem.cure }),
  };
}
