/**
 * Ports: backups of what cannot be read back from Azure, and bringing one back.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { RequestedBy } from './requested-by.ts';

/** A backup, as the list has it. */
export interface BackupSummary {
  /** That of the audit it was written with. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What was written. */
export interface WrittenBackup {
  /** Rows and blobs. */
  readonly rows: number;
  /** Rows that are missing in it, since this version cannot read them: some by name, and how many. */
  readonly unreadable: { readonly count: number; readonly some: readonly string[] };
}

/** The backups that are kept. */
export interface Backups {
  /** Writes one, in place of one of the same id. None is there before all of it is. */
  write(backup: BackupSummary & { readonly certkeeper: string }): Promise<WrittenBackup>;
  /** The newest first. */
  list(): Promise<readonly BackupSummary[]>;
  /** Its bytes; undefined when there is none. */
  read(id: string): Promise<Uint8Array | undefined>;
  /** Its bytes as they come; undefined when there is none. */
  open(id: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** Deletes those from before a moment, but never the newest. @returns how many */
  forget(before: string): Promise<number>;
}

/** A backup that can be read from its beginning more than once. */
export interface BackupFile {
  open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface RestoreOptions {
  /** Says what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Into a ledger that holds something: adds what is missing, and overwrites nothing. */
  readonly merge: boolean;
  readonly by: RequestedBy;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What came of it; of a dry run, what would. */
export interface Restored {
  readonly backup: { readonly id: string; readonly at: string; readonly certkeeper: string };
  /** Rows and blobs that the file holds. */
  readonly rows: number;
  readonly written: number;
  /** Those that were there already, and stay as they are. */
  readonly there: number;
  /** Those that are about what is not under care here. */
  readonly skipped: number;
  /** Sentences: what was skipped and why, and what does not go on by itself. */
  readonly notes: readonly string[];
}

export interface Restores {
  /**
   * Brings a backup back. All of it is checked before anything is written. Cut off half-way, the same
   * file goes on where it stopped; brought back once more it changes nothing.
   *
   * Thrown: TerminalError `BACKUP_UNREADABLE`, which names the line and the field, or
   * `LEDGER_NOT_EMPTY`.
   */
  restore(file: BackupFile, options: RestoreOptions): Promise<Restored>;
}
