/** What the command line reads of backups; docs/http-api.md describes them. */

export interface ApiBackups {
  readonly backups: readonly { readonly id: string; readonly at: string }[];
}

/** What came of bringing one back. */
export interface ApiRestored {
  readonly backup: { readonly id: string; readonly at: string; readonly certkeeper: string };
  readonly dryRun: boolean;
  readonly rows: number;
  readonly written: number;
  readonly there: number;
  readonly skipped: number;
  readonly notes: readonly string[];
  /** Address of the sweep that it ended with. */
  readonly sweep?: string;
}
