import type { Hands } from './hands.ts';

/** Something that went wrong at Fabrikam, and what the first audit finds of it. */
export interface Trouble {
  /** Completes "What is found where …". */
  readonly where: string;
  /** What people did, in the order in which they did it; no other trouble minds. */
  readonly happened: (hands: Hands) => Promise<void>;
  /** What they did a day later. */
  readonly later?: (hands: Hands) => Promise<void>;
  /** `CODE about` each. */
  readonly finds: readonly string[];
}

/** A client certificate of the first service, as findings name it. */
export const at = (id: string): string => `fabrikam-gw/certificates/${id}`;
/** A certificate of the vault that is in order. */
export const from = (name: string): string => `fabrikam-kv/${name}`;
