/** How messages are worded: the same words for every place, so that people can search for them. */
import type { Severity } from '../audit/audit-report.ts';
import { count } from '../audit/wording.ts';
import type { OutcomeEvent } from '../event-ports.ts';
import { eventName } from './events.ts';
import { severityOf, type Item, type Message } from './message.ts';
import { toPlainText } from '../plain-text.ts';

/** An item in words: one line each, plain text. */
export interface ItemWords {
  /** Words and codes of Certkeeper's own, e.g. `EXPIRES_SOON, high`. */
  readonly title: string;
  /** What it is about: a path. */
  readonly about: string;
  readonly message: string;
  readonly cure?: string;
}

/** Room for a command in a cure. Eight items of this fit into what Teams takes. */
const LONGEST = { about: 160, message: 300, cure: 400, sentence: 300 } as const;

export function toWords(item: Item): ItemWords {
  const { title, about, message, cure } =
    item.kind === 'finding' ? wordsOfFinding(item) : wordsOfEvent(item.event);
  return {
    title,
    about: toPlainText(about, LONGEST.about),
    message: toPlainText(message, LONGEST.message),
    ...(cure === undefined || cure === '' ? {} : { cure: toPlainText(cure, LONGEST.cure) }),
  };
}

function wordsOfFinding({
  change,
  finding,
  before,
}: Extract<Item, { kind: 'finding' }>): ItemWords {
  const { code, severity, about, message, cure } = finding;
  switch (change) {
    case 'appeared':
      return { title: `${code}, ${severity}`, about, message, cure };
    case 'worsened':
      return { title: `${code}, ${severity}, was ${before ?? severity}`, about, message, cure };
    case 'cleared':
      return { title: `${code} is over`, about, message: `No longer so: ${message}` };
  }
}

/** What an event's data says in words; what is there is as in docs/http-api.md, and read with care. */
function wordsOfEvent({ type, subject, data }: OutcomeEvent): ItemWords {
  const problem = fieldsOf(data['problem']);
  const target = textIn(data, 'target');
  const said = textIn(problem, 'message') ?? textIn(data, 'message');
  return {
    title: `${eventName(type)}${codeIn(problem)}`,
    about: target === undefined ? subject : `${subject} → ${target}`,
    message: said ?? `${HAPPENED[type] ?? 'Something happened'}.`,
    cure: textIn(problem, 'cure') ?? '',
  };
}

const HAPPENED: Readonly<Partial<Record<OutcomeEvent['type'], string>>> = {
  'Certkeeper.AccessBroken': 'The service can no longer read the certificate',
  'Certkeeper.AccessGranted': 'The service was given what it lacked to read the certificate',
  'Certkeeper.AccessRestored': 'The service can read the certificate again',
  'Certkeeper.CaCertificateAdded': 'The CA certificate was added',
  'Certkeeper.CaCertificateRemoved': 'The CA certificate was removed',
  'Certkeeper.CaUpdateFailed': 'The update of the CA certificates failed',
  'Certkeeper.CertificateAttached': 'The certificate was installed, and that was verified',
  'Certkeeper.CertificateDetached': 'The certificate was taken away from the target',
  'Certkeeper.CertificateRotated': 'The certificate was rotated, and that was verified',
  'Certkeeper.ReferencesRepaired': 'References to it were brought up to date',
  'Certkeeper.TargetOrphaned': 'Its certificate is gone from the vault',
  'Certkeeper.TargetRecovered': 'Its certificate is back in the vault',
  'Certkeeper.TargetRemoved': 'It was removed, since its certificate is gone',
};

function codeIn(problem: Fields): string {
  const code = textIn(problem, 'code') ?? '';
  return /^[A-Z_]{1,60}$/.test(code) ? `: ${code}` : '';
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textIn(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A message's first line. Nothing in it comes from outside, so it is safe wherever it is shown. */
export function titleOf({ kind, items, leftOut }: Message): string {
  if (kind === 'test') return 'Certkeeper: this is a test, and it arrived';
  const [only] = items;
  if (kind === 'news' && items.length === 1 && leftOut === 0 && only !== undefined) {
    return `Certkeeper: ${toWords(only).title}`;
  }
  const total = items.length + leftOut;
  const what = kind === 'digest' ? 'what changed' : 'news';
  const things = count(total, 'thing');
  return `Certkeeper: ${what}, ${things}${gravest(items)}`;
}

function gravest(items: readonly Item[]): string {
  const [first] = items;
  if (first === undefined || isGood(first)) return '';
  return `, the gravest ${severityOf(first)}`;
}

function isGood(item: Item): boolean {
  return item.kind === 'finding' && item.change === 'cleared';
}

/** A digest's sentence about the whole, as plain text. */
export function headlineOf({ headline }: Message): string | undefined {
  return headline === undefined ? undefined : toPlainText(headline.sentence, LONGEST.sentence);
}

/** What a person is told who sees only some of the items. */
export function leftOutOf({ leftOut }: Message): string | undefined {
  if (leftOut === 0) return undefined;
  return `And ${String(leftOut)} more: the report has them all.`;
}

/** How an item looks where there are colours. */
export type Mood = Severity | 'over';

export function moodOf(item: Item): Mood {
  return isGood(item) ? 'over' : severityOf(item);
}
