/**
 * One system to a state folder: a lock that the operating system lets go when its holder dies,
 * however it dies.
 */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

/** Thrown when a folder cannot hold the state. The message is one line for a person. */
export class StateFolderError extends Error {}

/** Thrown when a system runs on the folder. */
export class StateInUseError extends StateFolderError {
  constructor(stateDir: string, details: RunningDetails | undefined) {
    const who = details === undefined ? '' : ` (process ${details.pid}, ${details.hostUrl})`;
    super(
      `A system already runs on ${stateDir}${who}. Stop it, or choose another folder with --state.`,
    );
    this.name = 'StateInUseError';
  }
}

/** SQLITE_BUSY: somebody else has the lock. */
const BUSY = 5;

/**
 * Takes the folder; it is created when missing.
 * Throws StateInUseError. Thrown when another process has it.
 * Throws StateFolderError. Thrown when it cannot be made or written to.
 */
export function lockState(stateDir: string): StateLock {
  const details = path.join(stateDir, DETAILS_FILE);
  let database: DatabaseSync | undefined;
  try {
    makeFolder(stateDir);
    accessSync(stateDir, constants.W_OK);
    database = new DatabaseSync(path.join(stateDir, LOCK_FILE));
    // Nothing is ever written: the transaction is the lock.
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new StateInUseError(stateDir, readDetails(details));
    throw new StateFolderError(
      `${stateDir} cannot hold the state: ${(error as Error).message}. Choose another folder with --state.`,
      { cause: error },
    );
  }
  const held = database;
  rmSync(details, { force: true });
  return {
    describe: (running) => writeFileSync(details, `${JSON.stringify(running, undefined, 2)}\n`),
    release() {
      rmSync(details, { force: true });
      held.close();
    },
  };
}

/** Node's own way to make a folder with its parents never ends where none can be made, as in /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  const parent = path.dirname(folder);
  if (!existsSync(parent)) makeFolder(parent);
  mkdirSync(folder);
}

function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === BUSY; // node:sqlite's own property
}

function readDetails(file: string): RunningDetails | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as RunningDetails; // written by describe() alone
  } catch {
    return undefined;
  }
}
