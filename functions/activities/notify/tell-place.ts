import { createHash } from 'node:crypto';
import type { ReportReader } from '../../../shared/domain/audit/audit-ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { Metrics } from '../../../shared/domain/metrics.ts';
import {
  toBundles,
  type Bundle,
  type Letter,
  type Message,
  type News,
} from '../../../shared/domain/notify/message.ts';
import {
  newsOf,
  type FindingNews,
  type TellableReport,
  type Told,
} from '../../../shared/domain/notify/news.ts';
import type { Place } from '../../../shared/domain/notify/place.ts';
import type { Messenger, NotifyLedger, Settled } from '../../../shared/domain/notify/ports.ts';
import type { NotifyRule } from '../../../shared/domain/notify/rules.ts';

export interface TellPlacePorts {
  readonly reader: Pick<ReportReader, 'read'>;
  readonly messenger: Messenger;
  readonly notes: Omit<NotifyLedger, 'post' | 'handOver' | 'noteFailure'>;
  readonly rules: readonly NotifyRule[];
  readonly places: readonly Place[];
  readonly metrics: Pick<Metrics, 'notified'>;
  /** Where the app is reached, e.g. `https://certkeeper.azurewebsites.net`; undefined = unknown. */
  readonly publicUrl: string | undefined;
  readonly now: () => Date;
}

/** One call does not take minutes as a rule: the orchestration calls again for the rest. */
const MOST_IN_A_CALL = 20;
/** Who takes none of so many takes none at all: its address is wrong, or it is gone. */
const MOST_REFUSED = 100;
/** What nobody could be told for so long is no news any more. */
const LETTERS_WAIT_AT_MOST_MS = 7 * 86_400_000;

/** What one call works with. */
interface Telling {
  readonly place: Place;
  readonly report: TellableReport | undefined;
}

/**
 * Tells a place what is news to it: findings of the report that was handed over, as compared with
 * what it was told; and events that wait. What it was told is written down right after each message,
 * so a call that was cut off goes on with the next one. Should it be cut off in between, the message
 * is sent once more, under the same id.
 *
 * A message that is refused holds up no other: once there is one, the call goes on to the last
 * message, since after that nobody calls again; unless the place has refused a hundred and taken none.
 * What was refused stays news.
 * @returns how many messages the place took, at most 20, and whether there are more
 * Thrown when one was refused, after the others: TerminalError; when the place does not answer,
 * at once: TransientError. The next call begins with what was not taken, refused or not.
 */
export function makeTellPlace(ports: TellPlacePorts) {
  return async ({ place: name }: { readonly place: string }) => {
    const { notes, places } = ports;
    const place = places.find((one) => one.name === name);
    // The rules have changed since somebody asked for it.
    if (place === undefined) return { sent: 0, more: false };
    const handedOver = await notes.handedOver(name);
    const report = handedOver && (await ports.reader.read(handedOver.report));
    const letters = await openLetters(ports, name, { digests: report !== undefined });
    const findings = report === undefined ? [] : await openFindings(ports, name, report);
    const bundles = toBundles(place.kind, [...findings, ...letters], hash);

    let sent = 0;
    const refusals: TerminalError[] = [];
    for (const bundle of bundles) {
      if (refusals.length === 0 ? sent === MOST_IN_A_CALL : isHopeless(sent, refusals)) break;
      const refused = await tell(ports, { place, report }, bundle);
      if (refused === undefined) sent += 1;
      else refusals.push(refused);
    }
    const [refusal] = refusals;
    if (refusal !== undefined) throw refusal;
    if (sent > 0) await notes.clearFailure(name);
    const more = bundles.length > sent;
    if (handedOver !== undefined && !more) await notes.close(name, handedOver);
    return { sent, more };
  };
}

function isHopeless(sent: number, refusals: readonly TerminalError[]): boolean {
  return sent === 0 && refusals.length >= MOST_REFUSED;
}

/** The findings that are news; what needs no word is written down. */
async function openFindings(
  { notes, rules, now }: TellPlacePorts,
  place: string,
  report: TellableReport,
): Promise<News[]> {
  const { news, quietly } = newsOf(place, report, await notes.told(place), rules);
  if (quietly.put.length + quietly.forget.length > 0) {
    await notes.settle(place, { ...quietly, letters: [], at: now().toISOString() });
  }
  return news.map((one) => ({ kind: 'finding', news: one }));
}

/** The letters that it is time for; those that have waited for too long are given up. */
async function openLetters(
  { notes, now }: TellPlacePorts,
  place: string,
  { digests }: { readonly digests: boolean },
): Promise<News[]> {
  const at = now();
  const letters = await notes.letters(place, at.toISOString());
  const isOld = ({ postedAt }: Letter): boolean =>
    at.getTime() - Date.parse(postedAt) > LETTERS_WAIT_AT_MOST_MS;
  const old = letters.filter(isOld);
  if (old.length > 0) {
    await notes.settle(place, { put: [], forget: [], letters: old, at: at.toISOString() });
  }
  return letters
    .filter((letter) => !isOld(letter) && (digests || !letter.digest))
    .map((letter) => ({ kind: 'event', letter }));
}

/** @returns why the message was refused; undefined = it was sent */
async function tell(
  { messenger, notes, metrics, publicUrl, now }: TellPlacePorts,
  { place, report }: Telling,
  bundle: Bundle,
): Promise<TerminalError | undefined> {
  const message = toMessage(bundle, report, { publicUrl, now });
  try {
    await messenger.send(place, message);
  } catch (error) {
    const isRefusal = error instanceof TerminalError;
    metrics.notified(place.name, isRefusal ? 'refused' : 'undelivered');
    if (!isRefusal) throw error;
    return error;
  }
  metrics.notified(place.name, 'sent');
  await notes.settle(place.name, toSettled(bundle.settles, report, now().toISOString()));
  return undefined;
}

function toMessage(
  bundle: Bundle,
  report: TellableReport | undefined,
  { publicUrl, now }: Pick<TellPlacePorts, 'publicUrl' | 'now'>,
): Message {
  const { id, digest, items, leftOut, settles } = bundle;
  // Those that are only counted too: they stand in the report.
  const hasFindings = settles.some(({ kind }) => kind === 'finding');
  const isOfReport = report !== undefined && (digest || hasFindings);
  return {
    id,
    kind: digest ? 'digest' : 'news',
    at: isOfReport ? report.completedAt : now().toISOString(),
    ...(isOfReport && digest ? { headline: report.headline } : {}),
    ...{ items, leftOut },
    ...(isOfReport && publicUrl !== undefined
      ? { link: `${publicUrl}/api/audits/${encodeURIComponent(report.id)}` }
      : {}),
  };
}

function toSettled(told: readonly News[], report: TellableReport | undefined, at: string): Settled {
  const findings = told.flatMap((one) => (one.kind === 'finding' ? [one.news] : []));
  const [over, open] = [findings.filter(isOver), findings.filter((one) => !isOver(one))];
  return {
    put: open.map(({ finding }): Told => ({ finding, report: report?.id ?? '' })),
    forget: over.map(({ finding }) => finding.id),
    letters: told.flatMap((one) => (one.kind === 'event' ? [one.letter] : [])),
    at,
  };
}

function isOver({ change }: FindingNews): boolean {
  return change === 'cleared';
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
