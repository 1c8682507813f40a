import type { Digest } from '../audit/audit-facts.ts';
import { SEVERITIES, type Health, type Severity } from '../audit/audit-report.ts';
import type { OutcomeEvent } from '../event-ports.ts';
import { eventSeverity } from './events.ts';
import type { FindingChange, FindingNews, TellableFinding } from './news.ts';
import type { Place } from './place.ts';

/**
 * One thing that a message tells. Its id stays the same however often it is told: whoever keeps ids
 * notices a repetition, also in another message.
 */
export type Item =
  | {
      readonly kind: 'finding';
      readonly id: string;
      readonly change: FindingChange;
      readonly finding: TellableFinding;
      readonly before?: Severity;
    }
  | {
      readonly kind: 'event';
      readonly id: string;
      readonly event: OutcomeEvent;
      readonly severity: Severity;
    };

/** What one place is sent in one piece. */
export interface Message {
  /** Of what it tells: the same when the same is sent again. */
  readonly id: string;
  readonly kind: 'news' | 'digest' | 'test';
  /** When what it tells was found, ISO 8601. */
  readonly at: string;
  /** Of a digest: how things stand as a whole. */
  readonly headline?: { readonly health: Health; readonly sentence: string };
  /** The gravest first. */
  readonly items: readonly Item[];
  /** How many more findings there are than the message has room for; the report has those. */
  readonly leftOut: number;
  /** Address of the report. */
  readonly link?: string;
}

/** An event that waits until a place has been told of it. */
export interface Letter {
  readonly event: OutcomeEvent;
  /** Waits for the next digest. */
  readonly digest: boolean;
  /** ISO 8601. */
  readonly postedAt: string;
}

/** One thing to tell, and what it settles when it was told. */
export type News =
  | { readonly kind: 'finding'; readonly news: FindingNews }
  | { readonly kind: 'event'; readonly letter: Letter };

/** A message's contents, and everything that is told by it. */
export interface Bundle {
  readonly id: string;
  readonly digest: boolean;
  readonly items: readonly Item[];
  readonly leftOut: number;
  readonly settles: readonly News[];
}

/** More than so many at once are gathered, many in a message: nobody reads a flood. */
export const MOST_SINGLE = 10;

/**
 * How many items one message holds. Programs get them all, some at a time. So do people with events,
 * which stand nowhere else; of findings they get the gravest, and the number of the others, which the
 * report has (`counts`).
 */
const ROOM: Readonly<Record<Place['kind'], { readonly items: number; readonly counts: boolean }>> =
  {
    topic: { items: 50, counts: false },
    webhook: { items: 50, counts: false },
    teams: { items: 8, counts: true },
    slack: { items: 8, counts: true },
  };

/**
 * Packs news into messages: what is to be told at once each by itself, unless it is too many, and the
 * rest as a digest. The topic takes one event for each finding anyway, so there they only travel
 * together.
 */
export function toBundles(
  kind: Place['kind'],
  news: readonly News[],
  hash: Digest,
): readonly Bundle[] {
  const told = news.map((one) => ({ one, item: toItem(one, hash) })).sort(byGravity);
  const digest = told.filter(({ one }) => isForDigest(one));
  const now = told.filter(({ one }) => !isForDigest(one));
  const pack = (some: readonly Telling[], isDigest: boolean): readonly Bundle[] =>
    packs(kind, some).map(({ shown, all }) => ({
      id: hash(JSON.stringify(all.map(({ item }) => item.id))),
      digest: isDigest,
      items: shown.map(({ item }) => item),
      leftOut: all.length - shown.length,
      settles: all.map(({ one }) => one),
    }));
  if (kind === 'topic') return pack(told, false);
  const single = now.length <= MOST_SINGLE;
  return [
    ...(single ? now.flatMap((one) => pack([one], false)) : pack(now, false)),
    ...pack(digest, true),
  ];
}

interface Telling {
  readonly one: News;
  readonly item: Item;
}

function packs(
  kind: Place['kind'],
  all: readonly Telling[],
): { readonly shown: readonly Telling[]; readonly all: readonly Telling[] }[] {
  const { items: room, counts } = ROOM[kind];
  const isCounted = ({ item }: Telling, index: number): boolean =>
    counts && index >= room && item.kind === 'finding';
  const counted = all.filter(isCounted);
  const shown = all.filter((one, index) => !isCounted(one, index));
  return Array.from({ length: Math.ceil(shown.length / room) }, (_, index) => {
    const some = shown.slice(index * room, (index + 1) * room);
    return { shown: some, all: index === 0 ? [...some, ...counted] : some };
  });
}

function isForDigest(one: News): boolean {
  return one.kind === 'finding' ? one.news.road === 'digest' : one.letter.digest;
}

function toItem(one: News, hash: Digest): Item {
  if (one.kind === 'event') {
    const { event } = one.letter;
    return { kind: 'event', id: event.id, event, severity: eventSeverity(event.type) ?? 'low' };
  }
  const { change, finding, before, identity } = one.news;
  return {
    ...{ kind: 'finding', id: hash(identity), change, finding },
    ...(before === undefined ? {} : { before }),
  };
}

/** What went well, or is over, comes after everything else. */
function byGravity(a: Telling, b: Telling): number {
  return rank(a.item) - rank(b.item);
}

function rank(item: Item): number {
  if (item.kind === 'finding' && item.change === 'cleared') return SEVERITIES.length;
  return SEVERITIES.indexOf(severityOf(item));
}

export function severityOf(item: Item): Severity {
  return item.kind === 'event' ? item.severity : item.finding.severity;
}
