/** Azure Storage on one machine: Azurite as a process that lives no longer than this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import { PortInUseError } from '../port-in-use.ts';
import { repositoryRoot } from '../repository.ts';
import type { StorageMessage, StorageService } from './messages.ts';

export interface StorageOptions {
  /** Port of the blob service; queue and table take the next two. 0 takes three free ports. */
  readonly blobPort: number;
  /** Folder for the data and the log; created when missing. */
  readonly stateDir: string;
  /**
   * `in-memory`: nothing of the tables is ever on disk, and so a write is answered without waiting for the
   * whole of them to be written anew. For measurements with tables of a hundred thousand rows.
   */
  readonly tables?: 'on-disk' | 'in-memory';
  /** Hears once, in a line for a person, when Azurite ends although nobody stopped it. */
  readonly onLost?: (message: string) => void;
}

export interface RunningStorage {
  /** As in the setting `AzureWebJobsStorage`. */
  readonly connectionString: string;
  /** `http://127.0.0.1:{port}/devstoreaccount1`, the table service. */
  readonly tableUrl: string;
  readonly blobUrl: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** The account and key every Azurite has; published by its vendor, and good for nothing else. */
const ACCOUNT = 'devstoreaccount1';
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/**
 * Starts Azurite and answers once it takes requests. A write it has acknowledged is on disk, unless
 * its tables are to be in memory.
 * Its own output goes to `storage.log` in the state folder.
 *
 * Throws PortInUseError. Thrown when one of the three ports is taken.
 */
export async function startStorage(options: StorageOptions): Promise<RunningStorage> {
  const { blobPort, stateDir, tables = 'on-disk' } = options;
  mkdirSync(stateDir, { recursive: true });
  const ports = blobPort === 0 ? [0, 0, 0] : [blobPort, blobPort + 1, blobPort + 2];
  const log = openSync(path.join(stateDir, 'storage.log'), 'w');
  const script = path.join(repositoryRoot(), 'local', 'storage', 'azurite-process.ts');
  const child = fork(script, [stateDir, tables, ...ports.map(String)], {
    stdio: ['ignore', log, log, 'ipc'],
    // A small young generation: this process serves one app and should stay out of the way.
    execArgv: ['--no-warnings', '--max-semi-space-size=1', '--optimize-for-size'],
  });
  closeSync(log);
  const answered = await ready(child, stateDir, blobPort);
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (stopping) return;
    const how = signal ?? `exit code ${String(code)}`;
    options.onLost?.(`Azurite ended (${how}); ${path.join(stateDir, 'storage.log')} may say why.`);
  });
  const url = (service: StorageService) =>
    `http://127.0.0.1:${String(answered[service])}/${ACCOUNT}`;
  return {
    connectionString:
      `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${ACCOUNT_KEY};` +
      `BlobEndpoint=${url('blob')};QueueEndpoint=${url('queue')};TableEndpoint=${url('table')};`,
    tableUrl: url('table'),
    blobUrl: url('blob'),
    pid: child.pid ?? 0,
    stop() {
      stopping = true;
      return stop(child);
    },
  };
}

function ready(
  child: ChildProcess,
  stateDir: string,
  blobPort: number,
): Promise<Readonly<Record<StorageService, number>>> {
  return new Promise((resolve, reject) => {
    // The only sender is azurite-process.ts, which sends nothing else.
    child.on('message', (message: StorageMessage) => {
      if (message.kind === 'ready') resolve(message.ports);
      else reject(toError(message, blobPort));
    });
    child.once('error', reject);
    child.once('exit', () =>
      reject(new Error(`Azurite did not start; see ${path.join(stateDir, 'storage.log')}.`)),
    );
  });
}

function toError(failed: StorageMessage & { kind: 'failed' }, blobPort: number): Error {
  if (failed.code !== 'EADDRINUSE') {
    return new Error(`Azurite's ${failed.service} service did not start: ${failed.message}`);
  }
  const offset = { blob: 0, queue: 1, table: 2 }[failed.service];
  return new PortInUseError(blobPort + offset, `${failed.service} storage`, '--storage-port');
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // Closing the channel is the request to stop; it saves and exits.
  if (child.connected) child.disconnect();
  await exited;
}
