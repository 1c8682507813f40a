/**
 * What telling people needs of the world outside.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
import type { Undelivered } from '../audit/audit-facts.ts';
import type { Problem } from '../errors.ts';
import type { Letter, Message } from './message.ts';
import type { Place } from './place.ts';
import type { Told } from './news.ts';

/** Sends messages. Each call is bounded in time, and reads little of the answer. */
export interface Messenger {
  /**
   * Thrown when the place refuses the message: TerminalError `NOTIFICATION_REFUSED`; when it does not
   * answer, or not now: TransientError `NOTIFICATION_UNDELIVERED`.
   */
  send(place: Place, message: Message): Promise<void>;
}

/**
 * What each place was told, and what waits for it. Rows of their own; the one `Notify` of a place
 * writes them, all but the letters and the audit that is handed over.
 */
export interface NotifyLedger {
  /** By the ids of the findings. */
  told(place: string): Promise<ReadonlyMap<string, Told>>;
  /** Adds an event for a place, once: one that waits already, or was told within days, is not added. */
  post(place: string, letter: Letter): Promise<boolean>;
  /** Those that wait, the oldest first. Forgets, in passing, what was told some days ago. */
  letters(place: string, now: string): Promise<readonly Letter[]>;
  /** Writes down what was told, and what needs no word. */
  settle(place: string, settled: Settled): Promise<void>;
  /** Makes a report the one that a place is to be told of, instead of any before. */
  handOver(place: string, report: string): Promise<void>;
  handedOver(place: string): Promise<HandedOver | undefined>;
  /** Done with it, unless another one came meanwhile. */
  close(place: string, handedOver: HandedOver): Promise<void>;
  /** Notes that a place could not be told in the end. */
  noteFailure(place: string, failure: { problem: Problem; at: string }): Promise<void>;
  clearFailure(place: string): Promise<void>;
}

export interface Settled {
  readonly put: readonly Told[];
  /** Ids of findings. */
  readonly forget: readonly string[];
  /** Events that were told, or given up. */
  readonly letters: readonly Letter[];
  /** ISO 8601. */
  readonly at: string;
}

export interface HandedOver {
  readonly report: string;
  readonly etag: string;
}

/** What an audit asks to find out whom it could not tell: each is a finding `NOTIFICATION_FAILED`. */
export interface NotifyFailures {
  /** Places that the rules name now and that nothing has reached since they failed. */
  undelivered(): Promise<readonly Undelivered[]>;
}
