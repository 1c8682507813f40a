/**
 * Ports: clean-ups that are waiting or done.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type {
  Cleanup,
  OpenCleanup,
  OrphansConfirmed,
  RecentRemoval,
  VaultDoubt,
} from './cleanup.ts';
import type { Problem } from './errors.ts';

/** Removals of targets whose source is gone; rows that no sync writes. */
export interface Cleanups {
  /** Adds a removal that is about to be done; false when there is one of this id. */
  add(cleanup: Cleanup): Promise<boolean>;
  /** Thrown when its row cannot be read: TerminalError `RECORD_UNREADABLE`. */
  find(id: string): Promise<StoredCleanup | undefined>;
  /** False when it is no longer what was read. */
  replace(stored: StoredCleanup, cleanup: Cleanup): Promise<boolean>;
  /**
   * In the order of their ids, page by page: those first whose source was found gone last. What
   * cannot be read is left out.
   * @param after the id of the last one that was seen
   */
  list(after?: string): AsyncIterable<StoredCleanup>;
  /** Those of a vault by which a source may be taken up again that is back; one query. */
  open(vault: string): Promise<{
    readonly removals: readonly OpenCleanup[];
    /** Rows that cannot be read. */
    readonly unreadable: readonly Problem[];
  }>;
  /**
   * One of those, if it was begun or done, and not undone.
   * Thrown when its row cannot be read: TerminalError `RECORD_UNREADABLE`.
   */
  findOpen(open: OpenCleanup): Promise<StoredCleanup | undefined>;
  /** Takes one that is over off that list, unless it was only begun, or cannot be read. */
  close(open: OpenCleanup): Promise<void>;
  /**
   * What was removed at a service after a moment, each once; one query. What cannot be read counts as
   * removed just now: it makes the others look more doubtful, never less.
   */
  recentAt(service: string, after: string): Promise<readonly RecentRemoval[]>;
  /** Forgets some of what was ended before a moment: each call takes away more. */
  forget(before: string): Promise<void>;
  /** Takes what became orphans at a service until now for right. */
  confirm(service: string, confirmed: OrphansConfirmed): Promise<void>;
  /** When that was done last. */
  confirmed(service: string): Promise<OrphansConfirmed | undefined>;
  /** What is doubted of a vault as a whole. */
  doubted(vault: string): Promise<VaultDoubt | undefined>;
  /** @param doubt undefined = it is believed again */
  doubt(vault: string, doubt: VaultDoubt | undefined): Promise<void>;
}

/** A cleanup as it was read. */
export interface StoredCleanup {
  readonly cleanup: Cleanup;
  readonly etag: string;
}
