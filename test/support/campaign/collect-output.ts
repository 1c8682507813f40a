import type { ChildProcess } from 'node:child_process';

const kept = 20_000;

export interface Output {
  /** Both streams, the last of it. */
  readonly text: () => string;
  /** Resolves with the match as soon as there is one; rejects when the process ends before. */
  readonly printed: (wanted: RegExp) => Promise<RegExpExecArray>;
}

/** Reads what a child process prints to its pipes. */
export function collectOutput(child: ChildProcess): Output {
  let text = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-kept);
      for (const look of watchers) look();
    });
  }
  return {
    text: () => text,
    printed: (wanted) =>
      new Promise((found, missed) => {
        const look = (): void => {
          const match = wanted.exec(text);
          if (match === null) return;
          watchers.delete(look);
          found(match);
        };
        watchers.add(look);
        child.once('close', () => missed(new Error(`It ended without printing ${String(wanted)}`)));
        look();
      }),
  };
}
