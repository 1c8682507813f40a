import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { LogLevel } from './log.ts';

/**
 * Sends what is written to `console` to a log, a call to a line: on Azure the host reads the
 * worker's output and logs it as `Host.Function.Console`, belonging to no invocation
 * (https://learn.microsoft.com/azure/azure-functions/functions-reference-node#logging). There a
 * line on standard error is a warning when it says "warn", and else an error; here `console.warn`
 * is always a warning, since in one process one can tell.
 * @returns gives the console back
 */
export function captureConsole(write: (level: LogLevel, text: string) => void): () => void {
  const to = (level: LogLevel): Writable =>
    new Writable({
      decodeStrings: false,
      write: (chunk: unknown, _encoding, done) => {
        write(level, String(chunk).replace(/\n$/, ''));
        done();
      },
    });
  const before = globalThis.console;
  const captured = new Console({ stdout: to('information'), stderr: to('error') });
  const warnings = new Console({ stdout: to('warning') });
  captured.warn = (...args: unknown[]) => warnings.log(...args);
  globalThis.console = captured;
  return () => {
    globalThis.console = before;
  };
}
