/** Keeps the page up to date: asks for its living part again and again. */
import { tellAges } from './ago.ts';
import { askPage, Unreachable, type Answer } from './ask.ts';
import { readyButtons } from './busy.ts';
import { tellConnection, tellShown, type Connection } from './connection.ts';
import { byId } from './element.ts';
import { hasKey } from './key.ts';
import { patch, remember } from './patch.ts';

const CALM_MS = 4_000;
const BUSY_MS = 1_000;
/** After something was asked for, the page looks often for so long. */
const HURRY_MS = 20_000;
/** Pauses between tries while nobody answers; the last one goes on. */
const RETRY_MS = [1_000, 2_000, 4_000, 8_000, 15_000];
/** A listener is told of changes no more often than this. */
const SAY_MS = 15_000;
const TICK_MS = 1_000;

interface State {
  etag?: string | undefined;
  /** When the page last knew that what it shows is so. */
  shownAt: number;
  failures: number;
  hurryUntil: number;
  saidAt: number;
  timer?: number;
  /** Counts the questions: an answer to an older one is out of date. */
  asked: number;
  /** The next answer shows another part of the list. */
  elsewhere: boolean;
}

const state: State = {
  ...{ shownAt: Date.now(), failures: 0, hurryUntil: 0, saidAt: 0, asked: 0 },
  elsewhere: false,
};

/** Starts with what the page came with. */
export function startLive(): void {
  remember(live());
  adorn(live());
  setInterval(tick, TICK_MS);
  document.addEventListener('visibilitychange', () => {
    // Nobody looks at a hidden page: it asks nothing, and asks at once when it is looked at again.
    if (document.hidden) clearTimeout(state.timer);
    else if (!isAtDoor()) void refresh();
  });
  if (isAtDoor()) return;
  tellConnection('live', state.shownAt);
  if (hasKey()) void refresh();
  else plan();
}

/** Asks now. @returns the status of the answer; undefined = there was none, or it was out of date */
export async function refresh(): Promise<number | undefined> {
  clearTimeout(state.timer);
  const question = ++state.asked;
  try {
    const answer = await askPage({
      path: `${live().dataset['from'] ?? ''}${location.search}`,
      headers: state.etag === undefined ? {} : { 'if-none-match': state.etag },
    });
    if (question !== state.asked) return undefined;
    take(answer);
    return answer.status;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    if (question === state.asked) fail('lost');
    return undefined;
  } finally {
    if (question === state.asked) plan();
  }
}

/** Another part of the list is to be seen: what was named by the last answer is another thing. */
export function lookElsewhere(): void {
  state.etag = undefined;
  state.elsewhere = true;
  void refresh();
}

/** Something was asked for whose effects are soon to be seen. */
export function hurry(): void {
  state.hurryUntil = Date.now() + HURRY_MS;
  void refresh();
}

function take({ status, etag, page }: Answer): void {
  const wanted = page?.getElementById('live') ?? undefined;
  if (status !== 304 && wanted === undefined) {
    fail(status === 401 ? 'signed-out' : status === 403 ? 'refused' : 'failing');
    return;
  }
  state.shownAt = Date.now();
  state.failures = 0;
  if (wanted !== undefined) {
    state.etag = etag;
    sayChanges(patch(live(), wanted, adorn));
  }
  tellConnection('live', state.shownAt);
}

function fail(connection: Connection): void {
  state.failures += 1;
  // At the door nothing is shown that could be out of date; it says itself what is wrong.
  if (!isAtDoor()) tellConnection(connection, state.shownAt);
}

function plan(): void {
  clearTimeout(state.timer);
  if (document.hidden || isAtDoor()) return;
  state.timer = setTimeout(() => void refresh(), pauseNow());
}

function pauseNow(): number {
  const { failures, hurryUntil } = state;
  if (failures > 0) return RETRY_MS[Math.min(failures, RETRY_MS.length) - 1] ?? CALM_MS;
  const busy = document.getElementById('running') !== null || Date.now() < hurryUntil;
  return busy ? BUSY_MS : CALM_MS;
}

/** What the script adds to the server's markup. */
function adorn(made: Element): void {
  readyButtons(made);
  tellAges(made, Date.now());
}

function tick(): void {
  if (document.hidden || isAtDoor()) return;
  tellAges(live(), Date.now());
  tellShown(state.shownAt);
}

/** Tells a listener what is new: not every time, and not each of many. */
function sayChanges(replaced: readonly Element[]): void {
  if (state.elsewhere) {
    state.elsewhere = false;
    say(document.getElementById('range')?.textContent ?? 'No certificate fits.');
    return;
  }
  const rows = replaced.filter((one) => one.matches('tr'));
  for (const row of rows) row.classList.add('changed');
  if (rows.length === 0 || Date.now() - state.saidAt < SAY_MS) return;
  state.saidAt = Date.now();
  say(
    rows.length > 3
      ? `${String(rows.length)} certificates have changed.`
      : rows.map((row) => `${inRow(row, '.name')} has changed: ${inRow(row, '.badge')}.`).join(' '),
  );
}

function inRow(row: Element, part: string): string {
  return row.querySelector(part)?.textContent ?? '';
}

function say(text: string): void {
  byId('said', HTMLElement).textContent = text;
}

function isAtDoor(): boolean {
  return document.getElementById('door') !== null;
}

function live(): HTMLElement {
  return byId('live', HTMLElement);
}
