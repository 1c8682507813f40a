import { readFile, stat } from 'node:fs/promises';
import { usageError } from './cli-error.ts';

/** No certificate with its chain is larger, and Certkeeper takes less. */
const CERTIFICATE = { bytes: 1_048_576, what: 'a certificate' };

/** What the system calls a file that cannot be read, in words. */
const UNREADABLE: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'you may not read it'],
  ['EISDIR', 'it is a folder'],
  ['ENOENT', 'there is no such file'],
]);

/**
 * Reads a file that is to be uploaded.
 * Thrown when it cannot be read, or is not what it should be by its size: CliError (usage).
 * @param largest absent = it is a certificate
 */
export async function readBytes(
  file: string,
  largest: { readonly bytes: number; readonly what: string } = CERTIFICATE,
): Promise<Buffer<ArrayBuffer>> {
  try {
    const { size } = await stat(file);
    if (size > largest.bytes) {
      throw usageError(`${file} is too large for ${largest.what} (${size} bytes).`);
    }
    return await readFile(file);
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error) {
      const code = String(error.code);
      throw usageError(`${file} cannot be read: ${UNREADABLE.get(code) ?? code}.`);
    }
    throw error;
  }
}
