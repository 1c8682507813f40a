import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import type { Io, Sink } from './io.ts';

/** The process's own streams, clock and environment. */
export function makeTerminal(): Io {
  return {
    env: process.env,
    stdout: toSink(process.stdout),
    stderr: toSink(process.stderr),
    stdin: {
      isTerminal: process.stdin.isTTY,
      read: () => readText(process.stdin),
      ask,
    },
    fetch,
    now: () => Date.now(),
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
}

function toSink(stream: NodeJS.WriteStream): Sink {
  return {
    isTerminal: stream.isTTY,
    columns: stream.isTTY ? stream.columns : undefined,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** The question goes to stderr: stdout holds results and nothing else. */
async function ask(question: string, { hidden = false } = {}): Promise<string> {
  process.stderr.write(question);
  // What is typed is echoed to `output`: nowhere, when it is not to be seen.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
    historySize: 0,
  });
  // In this mode Ctrl-C is a key like any other, until somebody listens.
  line.once('SIGINT', () => {
    line.close();
    process.stderr.write('\n');
    process.exit(130);
  });
  try {
    return await line.question('');
  } finally {
    line.close();
    if (hidden) process.stderr.write('\n');
  }
}
