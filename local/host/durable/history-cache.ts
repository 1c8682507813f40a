import { isRecord, tryParse } from './json.ts';
import type { HistoryEvent } from './history.ts';
import type { Instance } from './instance.ts';
import { toReplayEvent, type ReplayEvent } from './replay-event.ts';

/** An instance's history as turns need it. */
export interface LoadedHistory {
  /** The events as JSON, without the brackets. */
  readonly text: string;
  readonly events: readonly ReplayEvent[];
}

/** Keeps the histories of instances that had a turn lately, up to a number of characters. */
export interface HistoryCache {
  load(instance: Instance): LoadedHistory;
  /** Keeps what the instance's history is after a turn that was stored. */
  extend(instance: Instance, before: LoadedHistory, text: string, events: ReplayEvent[]): void;
  forget(id: string): void;
}

interface Entry extends LoadedHistory {
  readonly executionId: string;
  readonly turns: number;
  readonly events: ReplayEvent[];
}

/**
 * @param readHistory the events of each turn as stored, oldest first
 * @param capacity characters of history text; 0 keeps nothing, so that every turn reads the disk
 */
export function makeHistoryCache(
  readHistory: (id: string) => readonly string[],
  capacity: number,
): HistoryCache {
  // In the order of their last use.
  const entries = new Map<string, Entry>();
  let size = 0;

  function forget(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    size -= entry.text.length;
    entries.delete(id);
  }

  return {
    load(instance) {
      if (instance.turns === 0) return { text: '', events: [] };
      const entry = entries.get(instance.id);
      if (entry?.executionId === instance.executionId && entry.turns === instance.turns) {
        return entry;
      }
      forget(instance.id);
      const text = readHistory(instance.id).join(',');
      return { text, events: parseEvents(text) };
    },
    extend(instance, before, added, addedEvents) {
      forget(instance.id);
      const text = before.text === '' ? added : `${before.text},${added}`;
      if (text.length > capacity) return;
      // Only this cache holds the list, so it grows in place: copying it each turn would cost n².
      const events = isOwn(before) ? before.events : [...before.events];
      for (const event of addedEvents) events.push(event);
      const { executionId, turns } = instance;
      entries.set(instance.id, { executionId, turns: turns + 1, text, events });
      size += text.length;
      for (const id of entries.keys()) {
        if (size <= capacity) break;
        forget(id);
      }
    },
    forget,
  };
}

function isOwn(history: LoadedHistory): history is Entry {
  return 'turns' in history;
}

function parseEvents(text: string): ReplayEvent[] {
  const parsed = tryParse(`[${text}]`)?.value;
  if (!Array.isArray(parsed)) throw new TypeError('A stored history is not readable.');
  return parsed.flatMap((event: unknown) => {
    if (!isRecord(event)) return [];
    // Written by this engine and by nothing else.
    const replayEvent = toReplayEvent(event as unknown as HistoryEvent);
    return replayEvent === undefined ? [] : [replayEvent];
  });
}
