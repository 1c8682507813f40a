/** What an audit's bench runs in processes of their own, so that the memory of each is its own. */
import { execFile, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startHost } from '../local/host/index.ts';
import { repositoryRoot } from '../local/repository.ts';
import { makeAdapters } from '../shared/azure/index.ts';
import { readConfig } from '../shared/config.ts';

/** The app's settings, in the folder of the fleet: too long for a command line. */
export const SETTINGS_FILE = 'settings.json';

/** What it took to do something once. */
export interface Run {
  readonly milliseconds: number;
  /** Of these, those in which the process itself was at work, on whatever core. */
  readonly own: number;
  /** The most that the process held meanwhile, bytes. */
  readonly peak: number;
}

/** A process that does one thing at a time when it is told to. */
export interface Worker {
  /** Does it once. */
  run(): Promise<Run>;
  /** Resident bytes now. */
  memory(): Promise<number>;
  stop(): Promise<void>;
}

/** Services whose index is refreshed side by side, as a sweep does it. */
const SIDE_BY_SIDE = 8;
const LOOK_MS = 200;
const POLL_MS = 50;

/** The body is that of docs/http-api.md. */
interface AuditOperation {
  readonly state: string;
  readonly counts?: { readonly unreadable: number };
}

/**
 * Starts one of the processes below and waits until it can begin.
 * Thrown when it ends by itself.
 */
export async function startWorker(child: string, folder: string): Promise<Worker> {
  const worker = fork(path.join(repositoryRoot(), 'bench', 'main.ts'), [child, folder, '']);
  const exited = once(worker, 'exit');
  const told = async (): Promise<unknown> =>
    await Promise.race([
      once(worker, 'message').then(([message]: unknown[]) => message),
      exited.then(() => {
        throw new Error(`The process '${child}' ended by itself.`);
      }),
    ]);
  await told();
  const memory = (): Promise<number> => residentBytes(worker.pid ?? 0);
  return {
    memory,
    async run() {
      let peak = 0;
      const look = setInterval(() => {
        void memory().then((bytes) => (peak = Math.max(peak, bytes)));
      }, LOOK_MS);
      try {
        const begun = performance.now();
        const done = told();
        worker.send('run');
        const own = Number(await done);
        const milliseconds = performance.now() - begun;
        return { milliseconds, own, peak: Math.max(peak, await memory()) };
      } finally {
        clearInterval(look);
      }
    },
    async stop() {
      if (worker.connected) worker.disconnect();
      await exited;
    },
  };
}

/** The app in the real host; told to, it audits. The sweep and timers are switched off. */
export async function runAuditHost(folder: string): Promise<void> {
  const host = await startHost({
    appDir: repositoryRoot(),
    port: 0,
    stateDir: path.join(folder, 'host'),
    keys: 'waived',
    env: {
      ...readSettings(folder),
      'AzureWebJobs.SweepTimer.Disabled': 'true',
      'AzureWebJobs.AuditTimer.Disabled': 'true',
    },
  });
  const headers = { 'x-functions-key': host.keys.functionDefault };
  await serve(
    async () => {
      await fetch(`${host.url}/api/audits`, { method: 'POST', headers });
      for (;;) {
        await wait(POLL_MS);
        const response = await fetch(`${host.url}/api/operations/audit`, { headers });
        const { state, counts } = (await response.json()) as AuditOperation;
        if (state === 'succeeded' && counts?.unreadable === 0) return;
        if (state === 'pending' || state === 'running') continue;
        throw new Error(`The audit ${state}; ${String(counts?.unreadable)} could not be read.`);
      }
    },
    () => host.stop(),
  );
}

/** Told to, it brings the index of uses up to date, as a sweep does, but without the engine. */
export function runIndexProcess(folder: string): Promise<void> {
  const settings = readSettings(folder);
  Object.assign(process.env, settings);
  const config = readConfig(settings);
  const { usageIndex } = makeAdapters(config, () => new Date());
  const refresh = async (service: string, at: string): Promise<void> => {
    let after: string | undefined;
    do {
      const some = await usageIndex.refresh(service, { at, ...(after && { after }) });
      if (some.problems[0] !== undefined) throw new Error(some.problems[0].message);
      after = some.after;
    } while (after !== undefined);
  };
  return serve(async () => {
    const names = config.services.map(({ name }) => name);
    for (let from = 0; from < names.length; from += SIDE_BY_SIDE) {
      const at = new Date().toISOString();
      await Promise.all(names.slice(from, from + SIDE_BY_SIDE).map((name) => refresh(name, at)));
    }
  });
}

/**
 * Says that it can begin, and does the work whenever it is told to until the teller is gone. Tells
 * then for how long this process was at work, milliseconds.
 */
async function serve(work: () => Promise<void>, stop?: () => Promise<void>): Promise<void> {
  process.on('message', () => {
    const begun = process.cpuUsage();
    void work().then(
      () => {
        const { user, system } = process.cpuUsage(begun);
        process.send?.((user + system) / 1_000);
      },
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exit(1);
      },
    );
  });
  const gone = once(process, 'disconnect');
  process.send?.('ready');
  await gone;
  await stop?.();
  process.exit(0);
}

function readSettings(folder: string): Record<string, string> {
  // Written by measureAudit.
  return JSON.parse(readFileSync(path.join(folder, SETTINGS_FILE), 'utf8')) as Record<
    string,
    string
  >;
}

async function residentBytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) * 1_024;
}
