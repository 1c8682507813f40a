import { readFile, stat } from 'node:fs/promises';
import { usageError } from './cli-error.ts';

/** No certificate with its chain is larger, and Certkeeper takes less. */
const LARGEST_FILE = 1_048_576;

/** What the system calls a file that cannot be read, in words. */
const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'you may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such file'],
]);

/**
 * Reads a file that is to be uploaded.
 * Thrown when it cannot be read, or is no certificate by its size: CliError (usage).
 */
export async function readBytes(file: string): Promise<Buffer<ArrayBuffer>> {
  try {
    const { size } = await stat(file);
    if (size > LARGEST_FILE) {
      throw usageError(`${file} is too large for a certificate (${size} bytes).`);
    }
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      const code = String(error.code);
      throw usageError(`${file} cannot be read: ${UNREADABLE.get(code) ?? code}.`);
    }
    throw error;
  }
}
