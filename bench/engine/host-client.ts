/** Starts hosts as processes of their own and gives them orchestrations over HTTP. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { repositoryRoot } from '../../local/repository.ts';
import { chainApp, type Serving, type Storage } from './host-process.ts';

/** An engine behind a host in a process of its own. */
export interface MeasuredEngine {
  readonly pid: number;
  /** Runs one orchestration to its end; when each of its activities began. */
  readonly run: (steps: number) => Promise<readonly number[]>;
  stop(): Promise<void>;
}

const ONE_RUN_SECONDS = 120;

/** Thrown when the process ends before it serves. */
export async function startEngine(storage: Storage, stateDir: string): Promise<MeasuredEngine> {
  const child = fork(benchMain, ['engine-host', stateDir, storage]);
  const exited = once(child, 'exit');
  const [serving] = (await Promise.race([
    once(child, 'message'),
    exited.then(() => {
      throw new Error(`The host with the engine '${storage}' did not start.`);
    }),
    // The only sender is host-process.ts.
  ])) as [Serving];
  const agent = new Agent({ keepAlive: true });
  const address = `${serving.url}/runtime/webhooks/durabletask/orchestrators/Chain?code=${serving.code}&timeout=${ONE_RUN_SECONDS}&pollingInterval=1`;
  return {
    pid: child.pid ?? 0,
    run: async (steps) => {
      const { status, text } = await post(address, JSON.stringify({ steps }), agent);
      if (status !== 200) throw new Error(`An orchestration answered ${status}: ${text}`);
      // What the orchestrator in chain-app returns.
      return JSON.parse(text) as number[];
    },
    stop: async () => {
      agent.destroy();
      child.disconnect();
      await exited;
    },
  };
}

/**
 * Starts the host's command line on the app, waits until it serves, and stops it again.
 * @returns milliseconds from the start of the process to the line that says it serves
 */
export async function timeStart(stateDir: string): Promise<number> {
  const main = path.join(repositoryRoot(), 'local', 'host', 'main.ts');
  const args = [main, '--app', chainApp, '--port', '0', '--state', stateDir];
  const began = performance.now();
  const child = spawn(process.execPath, [...process.execArgv, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += String(chunk);
    if (printed.includes('The host listens at')) break;
  }
  const took = performance.now() - began;
  child.kill('SIGTERM');
  await exited;
  if (!printed.includes('The host listens at')) throw new Error('The host did not start.');
  return took;
}

/** Not `fetch`, which takes longer than what is measured. */
function post(
  url: string,
  body: string,
  agent: Agent,
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method: 'POST', agent }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

const benchMain = path.join(repositoryRoot(), 'bench', 'main.ts');
