import { writeFile } from 'node:fs/promises';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

/**
 * Writes a file, in place of what it holds.
 * @param mode of a file that is made: who may read it
 * Thrown when the file cannot be written: CliError (failed).
 */
export async function writeText(file: string, text: string, mode = 0o666): Promise<void> {
  try {
    await writeFile(file, text, { mode });
  } catch (error) {
    if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
    throw new CliError(
      {
        message: `${file} cannot be written: ${String(error.code)}.`,
        cure: 'Choose another place.',
      },
      EXIT.failed,
      { cause: error },
    );
  }
}
