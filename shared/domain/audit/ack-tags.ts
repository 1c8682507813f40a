/**
 * The tag by which a source acknowledges what is found of it, in the vault and wherever it is
 * installed: `certkeeper-ack`: `USED_BY_NOTHING until 2027-01-31: kept for a roll-back`. Several are
 * separated by semicolons, or go on in `certkeeper-ack-2`, `-3`, …
 */
import { faultOfDay, hasRunOut } from './ack-day.ts';
import type { Acknowledgement } from './audit-report.ts';
import { FINDING_CODES, type FindingCode } from './finding-codes.ts';
import { toPlainText } from '../plain-text.ts';

/** Of a reason, in characters. */
export const LONGEST_REASON = 200;

const ACK_TAG = /^certkeeper-ack(?:-\d{1,3})?$/;

/** Whether a tag is one that acknowledges findings. */
export function isAckTag(name: string): boolean {
  return ACK_TAG.test(name.trim().toLowerCase());
}

export interface TagAcknowledgements {
  readonly read: ReadonlyMap<FindingCode, Acknowledgement>;
  /** Those that cannot be read, each with the reason. */
  readonly unreadable: readonly { readonly text: string; readonly message: string }[];
}

/** Reads the tags of a source. What has run out is left out, and is no fault. */
export function readAckTags(
  tags: Readonly<Record<string, string>>,
  now: string,
): TagAcknowledgements {
  const read = new Map<FindingCode, Acknowledgement>();
  const unreadable: { text: string; message: string }[] = [];
  const texts = Object.entries(tags)
    .filter(([name]) => isAckTag(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, value]) => value.split(';'))
    .map((text) => text.trim())
    .filter((text) => text !== '');
  for (const text of texts) {
    const one = readAck(text, now);
    if (typeof one === 'string') unreadable.push({ text, message: one });
    else if (!hasRunOut(one.until, now)) {
      read.set(one.code, { reason: one.reason, until: one.until, from: 'tag' });
    }
  }
  return { read, unreadable };
}

const GRAMMAR = /^(\w+)\s+until\s+(\S+?)\s*:\s*(\S.*)$/is;
const CODES: ReadonlyMap<string, FindingCode> = new Map(FINDING_CODES.map((one) => [one, one]));

function readAck(
  text: string,
  now: string,
): { readonly code: FindingCode; readonly until: string; readonly reason: string } | string {
  const [, name = '', until = '', reason = ''] = GRAMMAR.exec(text) ?? [];
  if (name === '') return 'it is written {CODE} until {day}: {reason}';
  const code = CODES.get(name.toUpperCase());
  if (code === undefined) return `${toPlainText(name, 60)} is no code of a finding`;
  const fault = faultOfDay(until, now);
  if (fault !== undefined) return fault;
  return { code, until, reason: toPlainText(reason, LONGEST_REASON) };
}
