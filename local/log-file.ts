/** A log file that never grows past a bound: when it is full it becomes `{name}.1` and begins anew. */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

const LARGEST_BYTES = 5 * 1024 * 1024;

export interface LogFile {
  /** Appends a line, with the time in front. A full disk silences the log, not the program. */
  write(line: string, at?: Date): void;
  close(): void;
}

export function openLogFile(file: string, largestBytes = LARGEST_BYTES): LogFile {
  mkdirSync(path.dirname(file), { recursive: true });
  let descriptor = openSync(file, 'a');
  let size = statSync(file).size;
  return {
    write(line, at = new Date()) {
      const bytes = Buffer.from(`${at.toISOString()} ${line}\n`);
      try {
        if (size > 0 && size + bytes.length > largestBytes) {
          closeSync(descriptor);
          renameSync(file, `${file}.1`);
          descriptor = openSync(file, 'a');
          size = 0;
        }
        size += writeSync(descriptor, bytes);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    close: () => closeSync(descriptor),
  };
}
