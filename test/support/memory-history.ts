import { HISTORY_LENGTH, type HistoryEntry } from '../../shared/domain/history.ts';
import type { History } from '../../shared/domain/ledger-ports.ts';
import { formatSource } from '../../shared/domain/source.ts';

/** Histories in memory, with the promises of the real ones. */
export function makeMemoryHistory(): History {
  const entries = new Map<string, HistoryEntry>();
  return {
    add: async (entry) => {
      const { source, at, what } = entry;
      const key = JSON.stringify(what === 'sync' ? [source, at, what] : entry);
      if (!entries.has(key)) entries.set(key, entry);
    },
    list: async (source, { limit = HISTORY_LENGTH } = {}) =>
      [...entries.values()]
        .filter((one) => formatSource(one.source) === formatSource(source))
        .sort((a, b) => b.at.localeCompare(a.at))
        .slice(0, Math.min(limit, HISTORY_LENGTH)),
  };
}
