/**
 * Ports: which installation a service is kept by.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { SeenMark } from './installation.ts';

/** The marks that services bear, where every installation sees them. */
export interface InstallationMarks {
  /** Undefined when the service bears none. One call; two when it bears none. */
  read(service: string): Promise<ReadMark | undefined>;
  /**
   * Writes an installation's mark; one call.
   * @param etag writes over the mark that was read (TARGET_CHANGED when it is another by now);
   *   undefined = there is none. Azure may refuse then to write over one that came meanwhile
   *   (TARGET_CHANGED too), and may not: read it again.
   */
  write(service: string, installation: string, etag: string | undefined): Promise<void>;
}

/** A mark as it was read. */
export interface ReadMark {
  readonly installation: string;
  readonly etag: string | undefined;
}

/** What this installation knows of itself and of marks. */
export interface InstallationLedger {
  /** This installation's id: the one that is set, or one that was made once. */
  own(): Promise<string>;
  /** What was seen last. */
  seen(service: string): Promise<SeenMark | undefined>;
  remember(service: string, seen: SeenMark): Promise<void>;
}
