/** The simulated clock: real time plus an offset that is kept in the store. */
import type { Clock, Store } from '../service.ts';

/** The longest that one timer of the platform can wait. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/**
 * Makes the clock. While it is advanced it stops at each alarm on the way, so that an alarm sees
 * the time it was set for; an alarm that throws is logged and the others run.
 */
export function makeClock(
  store: Store,
  log: (line: string) => void,
  realNow: () => number = Date.now,
): Clock & { begin(secondsAgo: number): void; stop(): void; offsetSeconds(): number } {
  let offset = store.get<{ milliseconds: number }>('clock', 'offset')?.milliseconds ?? 0;
  const alarms = new Set<Alarm>();
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  const time = (): number => realNow() + offset;
  const earliest = (): Alarm | undefined => {
    let first: Alarm | undefined;
    for (const alarm of alarms) if (first === undefined || alarm.at < first.at) first = alarm;
    return first;
  };
  const ring = (alarm: Alarm): void => {
    alarms.delete(alarm);
    try {
      alarm.run();
    } catch (error) {
      log(`An alarm of the simulated clock failed: ${String(error)}`);
    }
  };
  const ringDue = (): void => {
    for (let next = earliest(); next !== undefined && next.at <= time(); next = earliest()) {
      ring(next);
    }
    wait();
  };
  const wait = (): void => {
    // Node remembers the duration of a cleared timer until that has passed, unless it was ref'd.
    clearTimeout(timer?.ref());
    const next = earliest();
    if (next === undefined || stopped) return;
    timer = setTimeout(ringDue, Math.min(Math.max(next.at - time(), 0), LONGEST_WAIT_MS));
    // The server keeps the process alive; an alarm a month away must not.
    timer.unref();
  };

  return {
    now: () => new Date(time()),
    advance(seconds) {
      const target = offset + seconds * 1000;
      const end = time() + seconds * 1000;
      for (let next = earliest(); next !== undefined && next.at <= end; next = earliest()) {
        offset = Math.min(target, Math.max(offset, next.at - realNow()));
        ring(next);
      }
      offset = target;
      store.put('clock', 'offset', { milliseconds: offset });
      ringDue();
    },
    at(at, run) {
      const alarm = { at: at.getTime(), run };
      alarms.add(alarm);
      wait();
      return {
        cancel: () => {
          alarms.delete(alarm);
        },
      };
    },
    /** For a world in which nothing has happened yet: from here on the time never goes back. */
    begin(secondsAgo) {
      offset = -secondsAgo * 1000;
      store.put('clock', 'offset', { milliseconds: offset });
      wait();
    },
    offsetSeconds: () => offset / 1000,
    stop() {
      stopped = true;
      clearTimeout(timer);
      alarms.clear();
    },
  };
}
