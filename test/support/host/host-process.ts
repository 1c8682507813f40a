import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { HostKeys } from '../../../local/host/index.ts';

const repository = resolve(__dirname, '../../..');

export interface HostProcessOptions {
  /** Files of the app by path; package.json is made up when it is not among them. */
  readonly files?: Readonly<Record<string, string>>;
  /** An app that is there already, instead of `files`. */
  readonly appDir?: string;
  /** State of an earlier run; a new folder otherwise. */
  readonly stateDir?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** No file of the host may become longer than this: blocks of 1,024 bytes. */
  readonly maxFileBlocks?: number;
  /** The command line of another copy of the host. */
  readonly main?: string;
}

/** The host's command line as a process of its own, with an app in a folder of its own. */
export interface HostProcess {
  readonly appDir: string;
  readonly stateDir: string;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Until the output holds the text (or matches); rejects when the process ends before. */
  printed(text: string | RegExp): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** The exit code; null when a signal ended it. */
  readonly exited: Promise<number | null>;
}

export interface ServingHost extends HostProcess {
  readonly url: string;
  readonly keys: HostKeys;
  /** Asks it to stop and waits until it has. */
  stop(): Promise<number | null>;
}

const folders: string[] = [];
const children = new Set<ChildProcess>();

/** Ends every host that a test left behind and removes its folders; call it in `afterAll`. */
export async function cleanUpHosts(): Promise<void> {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) {
      await new Promise((done) => child.once('exit', done));
    }
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'host-process-'));
  folders.push(folder);
  return folder;
}

/** Writes an app whose modules are the repository's. */
export function writeApp(files: Readonly<Record<string, string>>): string {
  const appDir = newFolder();
  const all = { 'package.json': '{"main":"app.cjs"}', ...files };
  for (const [path, content] of Object.entries(all)) {
    mkdirSync(dirname(join(appDir, path)), { recursive: true });
    writeFileSync(join(appDir, path), content);
  }
  if (!Object.keys(files).some((path) => path.startsWith('node_modules/'))) {
    symlinkSync(join(repository, 'node_modules'), join(appDir, 'node_modules'));
  }
  return appDir;
}

/** Starts the command line; it need not come up. */
export function spawnHost(options: HostProcessOptions): HostProcess {
  const appDir = options.appDir ?? writeApp(options.files ?? {});
  const stateDir = options.stateDir ?? newFolder();
  const own = ['--app', appDir, '--state', stateDir];
  const port = options.args?.includes('--port') === true ? [] : ['--port', '0'];
  const command = [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    options.main ?? join(repository, 'local/host/main.ts'),
    ...own,
    ...port,
    ...(options.args ?? []),
  ];
  const limit = options.maxFileBlocks;
  const limited = limit === undefined ? [] : ['bash', '-c', `ulimit -f ${limit}; exec "$@"`, '-'];
  const [program = '', ...args] = [...limited, ...command];
  const child = spawn(program, args, {
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  let text = '';
  let ended = false;
  const waiting = new Set<() => void>();
  const look = (): void => waiting.forEach((check) => check());
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      look();
    });
  }
  const exited = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      ended = true;
      children.delete(child);
      look();
      done(code);
    });
  });
  return {
    appDir,
    stateDir,
    exited,
    output: () => text,
    signal: (name) => void child.kill(name),
    printed: (wanted) =>
      new Promise((found, missed) => {
        const check = (): void => {
          const there = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text);
          if (there) found(text);
          else if (ended)
            missed(new Error(`The host ended without printing ${String(wanted)}:\n${text}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** Starts the command line and waits until it serves. */
export async function startHostProcess(options: HostProcessOptions): Promise<ServingHost> {
  const host = spawnHost(options);
  const text = await host.printed('Ctrl-C stops the host.');
  const url = /listens at (http:\/\/127\.0\.0\.1:\d+)/.exec(text)?.[1];
  if (url === undefined) throw new Error(`The host told no address:\n${text}`);
  // The file is what the host wrote itself.
  const file = JSON.parse(readFileSync(join(host.stateDir, 'keys.json'), 'utf8')) as HostKeys;
  const { master, functionDefault, eventGrid, durable } = file;
  return {
    ...host,
    url,
    keys: { master, functionDefault, eventGrid, durable },
    stop: () => {
      host.signal('SIGTERM');
      return host.exited;
    },
  };
}
