import type { TableRow } from '../table-row.ts';
import type { FirstHands, Hands } from './hands.ts';

/** Something that went wrong at Fabrikam, and what the first audit finds of it. */
export interface Trouble {
  /** Completes "What is found where …". */
  readonly where: string;
  /** What people did, in the order in which they did it; no other trouble minds. */
  readonly happened: (hands: FirstHands) => Promise<void>;
  /** What they did a day later. */
  readonly later?: (hands: FirstHands) => Promise<void>;
  /** What they do after the first sweep of Certkeeper. */
  readonly since?: {
    /** Name of a certificate in the first vault that it keeps by then: its targets are verified. */
    readonly kept?: string;
    readonly happened: (hands: LaterHands) => Promise<void>;
  };
  /** `CODE about` each. */
  readonly finds: readonly string[];
}

/** People who do something while Certkeeper is there. */
export interface LaterHands extends Hands {
  /** Puts a row into its ledger, as another version of it does. */
  readonly addRow: (row: TableRow) => Promise<void>;
}

/** A client certificate of the first service, as findings name it. */
export const at = (id: string): string => `fabrikam-gw/certificates/${id}`;
/** A certificate of the vault that is in order. */
export const from = (name: string): string => `fabrikam-kv/${name}`;
