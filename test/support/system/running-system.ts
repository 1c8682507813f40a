import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { SystemOptions } from '../../../local/system.ts';

export { eventually } from '../eventually.ts';

/** The whole system, running: Azurite, the simulated Azure, the host with the built app. */
export interface RunningSystem {
  readonly hostUrl: string;
  readonly azureUrl: string;
  readonly stateDir: string;
  /** With which somebody who may do everything calls the app. */
  readonly headers: Readonly<Record<string, string>>;
  readonly keys: { readonly eventGrid: string; readonly durable: string; readonly master: string };
  readonly process: ChildProcess;
  /** Ends everything at once, as a power cut would. */
  killHard(): Promise<void>;
  stop(): Promise<void>;
}

const running: RunningSystem[] = [];
const folders: string[] = [];

/** A folder that is deleted by {@link cleanUpSystems}. */
export function stateFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'certkeeper-test-'));
  folders.push(folder);
  return folder;
}

/** Starts a system on free ports; the fleet is the seeded one unless said otherwise. */
export async function startTestSystem(
  options: Partial<SystemOptions> = {},
): Promise<RunningSystem> {
  const stateDir = options.stateDir ?? stateFolder();
  const all = { port: 0, azurePort: 0, storagePort: 0, keys: 'waived', ...options, stateDir };
  const child = fork(path.join(__dirname, 'system-main.ts'), [JSON.stringify(all)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [message] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => [{ kind: 'failed', message: 'it ended' }]),
  ])) as [
    | ({ kind: 'ready' } & Pick<RunningSystem, 'hostUrl' | 'azureUrl' | 'keys' | 'headers'>)
    | { kind: 'failed'; message: string },
  ];
  if (message.kind === 'failed') throw new Error(`The system did not start: ${message.message}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  };
  const { hostUrl, azureUrl, keys, headers } = message;
  const system: RunningSystem = {
    hostUrl,
    azureUrl,
    keys,
    headers,
    stateDir,
    process: child,
    killHard: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
  running.push(system);
  return system;
}

/** Stops what is still running and deletes the state folders: for `afterAll`. */
export async function cleanUpSystems(): Promise<void> {
  await Promise.all(running.splice(0).map((system) => system.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}
