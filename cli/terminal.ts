import { createInterface, type Interface } from 'node:readline/promises';
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
    // A terminal that does not know its size says 0.
    columns: stream.isTTY && stream.columns > 0 ? Math.max(40, stream.columns) : undefined,
    write: (text) => {
      stream.write(text);
    },
  };
}

/** The question goes to stderr: stdout holds results and nothing else. */
async function ask(question: string, { hidden = false } = {}): Promise<string> {
  // What is typed is echoed to `output`: nowhere, when it is not to be seen.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const line = createInterface({
    input: process.stdin,
    output: hidden ? nowhere : process.stderr,
    terminal: true,
    historySize: 0,
  });
  // In this mode Ctrl-C is a key like any other, until somebody listens.
  line.once('SIGINT', () => leave(line));
  if (hidden) process.stderr.write(question);
  try {
    return await line.question(hidden ? '' : question);
  } catch (error) {
    // Ctrl-D: there is no answer and there will be none.
    if (error instanceof Error && error.name === 'AbortError') leave(line);
    throw error;
  } finally {
    line.close();
    if (hidden) process.stderr.write('\n');
  }
}

/** Ends as a program does that is interrupted. */
function leave(line: Interface): never {
  line.close();
  process.stderr.write('\n');
  process.exit(130);
}
