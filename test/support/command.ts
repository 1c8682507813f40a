/** The commands of this repository, run as people run them: as processes, judged by their output. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { repositoryRoot } from '../../local/repository.ts';

export interface RunningCommand {
  readonly process: ChildProcess;
  /** Everything printed so far, both streams. */
  output(): string;
  /** Resolves as soon as the output matches; rejects when the command ends before. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves when it has ended and its output is complete. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/**
 * Runs a script of `local/` on this Node.
 * @param env variables that are otherwise than in this process
 */
export function runCommand(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const root = repositoryRoot();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', path.join(root, 'local', script), ...args],
    { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return {
    process: child,
    ended,
    output: () => text,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text);
          if (found === null) return;
          listeners.delete(look);
          resolve(found);
        };
        listeners.add(look);
        void ended.then(() => reject(new Error(`It ended without saying ${pattern}:\n${text}`)));
        look();
      }),
  };
}
