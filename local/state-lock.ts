/**
 * One system to a state folder: a lock that the operating system lets go when its holder dies,
 * however it dies.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Marks a folder as a state folder of this project. */
export const LOCK_FILE = 'system.lock';
const DETAILS_FILE = 'system.json';

/** What is known of the system that runs on a folder. */
export interface RunningDetails {
  readonly pid: number;
  readonly hostUrl: string;
  readonly azureUrl: string;
}

export interface StateLock {
  /** Says to others, and to who reads `system.json`, what runs here. */
  describe(details: RunningDetails): void;
  release(): void;
}

/** Thrown when a system runs on the folder. The message is one line for a person. */
export class StateInUseError extends Error {
  constructor(stateDir: string, details: RunningDetails | undefined) {
    const who = details === undefined ? '' : ` (process ${details.pid}, ${details.hostUrl})`;
    super(
      `A system already runs on ${stateDir}${who}. Stop it, or choose another folder with --state.`,
    );
    this.name = 'StateInUseError';
  }
}

/**
 * Takes the folder; it is created when missing.
 * Throws StateInUseError. Thrown when another process has it.
 */
export function lockState(stateDir: string): StateLock {
  mkdirSync(stateDir, { recursive: true });
  const details = path.join(stateDir, DETAILS_FILE);
  const database = new DatabaseSync(path.join(stateDir, LOCK_FILE));
  try {
    // Nothing is ever written: the transaction is the lock.
    database.exec('BEGIN EXCLUSIVE');
  } catch {
    database.close();
    throw new StateInUseError(stateDir, readDetails(details));
  }
  rmSync(details, { force: true });
  return {
    describe: (running) => writeFileSync(details, `${JSON.stringify(running, undefined, 2)}\n`),
    release() {
      rmSync(details, { force: true });
      database.close();
    },
  };
}

function readDetails(file: string): RunningDetails | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningDetails; // written by describe() alone
  } catch {
    return undefined;
  }
}
