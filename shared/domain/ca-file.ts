import type { CertificateLooks } from './certificate-looks.ts';
import type { CaStore } from './ca-entry.ts';
import type { Problem } from './errors.ts';

/** What a file of CA certificates holds: public certificates, each once, in the file's order. */
export interface CaFile {
  readonly certificates: readonly JudgedCa[];
  /** How many certificates the file held once more. */
  readonly repeated: number;
  /** About the file as a whole, such as `PRIVATE_KEY_DROPPED`. */
  readonly warnings: readonly Problem[];
}

/** A certificate that wants to be an authority, and what is to be said of it. */
export interface JudgedCa {
  /** The certificate alone: public. */
  readonly der: Uint8Array;
  readonly looks: CertificateLooks;
  /** The store that it belongs into by itself: what signed itself is a root. */
  readonly store: CaStore;
  /** Why it may not be installed. */
  readonly refused?: Problem;
  /** What is worth knowing and keeps nobody from it. */
  readonly warnings: readonly Problem[];
}

/**
 * Reads a file of CA certificates.
 * Thrown when the file as a whole is refused: TerminalError, e.g. `PASSWORD_WRONG`.
 */
export type CaFileReader = (file: Uint8Array, password: string | undefined) => Promise<CaFile>;
