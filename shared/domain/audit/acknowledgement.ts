/** Findings that somebody knows of and lives with until a day: by HTTP, or by a tag of the source. */
import { faultOfDay, hasRunOut } from './ack-day.ts';
import { LONGEST_REASON, readAckTags, type TagAcknowledgements } from './ack-tags.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { Acknowledgement, AuditFinding } from './audit-report.ts';
import type { AuditView, SeenSource } from './audit-view.ts';
import { foundAtSource, type Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { isGraver } from './severity.ts';

/**
 * Why a reason and a day are no good for an acknowledgement, as a sentence; undefined = they are.
 * @param now ISO 8601
 */
export function faultOfAcknowledgement(
  { reason, until }: { readonly reason: string; readonly until: string },
  now: string,
): string | undefined {
  const fault = faultOfDay(until, now);
  if (fault !== undefined) return fault;
  if (hasRunOut(until, now)) return `The day ${until} has passed.`;
  if (reason.trim() === '') return 'It needs a reason.';
  if (reason.length > LONGEST_REASON) {
    return `The reason is longer than ${String(LONGEST_REASON)} characters.`;
  }
  return undefined;
}

/** Tags that were meant to acknowledge something and do not. */
export function findUnreadableAcks(view: AuditView): readonly Found[] {
  return [...view.sources.values()].flatMap((seen) =>
    readAckTags(seen.certificate.tags, view.facts.completedAt).unreadable.map((one) =>
      unreadableAck(seen, one),
    ),
  );
}

function unreadableAck(
  seen: SeenSource,
  { text, message }: { readonly text: string; readonly message: string },
): Found {
  return foundAtSource(seen, {
    code: 'ACKNOWLEDGEMENT_UNREADABLE',
    message: `The tag certkeeper-ack of ${seen.row.id} acknowledges nothing by “${toPlainText(text, 120)}”: ${message}.`,
    cure: 'Write it as USED_BY_NOTHING until 2027-01-31: kept for a roll-back. Several are separated by semicolons.',
    key: text,
  });
}

/** The acknowledgement of a finding, if it has one that holds: by HTTP, else by the tag of its source. */
export function acknowledgementOf(
  finding: AuditFinding,
  byTag: TagAcknowledgements | undefined,
  { acknowledgements, completedAt }: AuditFacts,
): Acknowledgement | undefined {
  return (
    acknowledgementOverHttp(finding, acknowledgements, completedAt) ?? byTag?.read.get(finding.code)
  );
}

/** One that was given over HTTP holds until its day is over or the finding became graver. */
export function acknowledgementOverHttp(
  { id, severity }: AuditFinding,
  acknowledgements: ReadonlyMap<string, Acknowledgement>,
  now: string,
): Acknowledgement | undefined {
  const kept = acknowledgements.get(id);
  if (kept === undefined || hasRunOut(kept.until, now)) return undefined;
  return kept.severity !== undefined && isGraver(severity, kept.severity) ? undefined : kept;
}
