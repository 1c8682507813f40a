import { readFile } from 'node:fs/promises';
import { usageError } from './cli-error.ts';
import type { Session } from './session.ts';

export interface PasswordOptions {
  readonly password?: string;
  readonly passwordFile?: string;
}

/** The variable that holds the password of a file where nobody can be asked. */
const VARIABLE = 'CERTKEEPER_PFX_PASSWORD';

/**
 * The password of a file: from the command line (with a warning), from a file or stdin, from the
 * environment, or from the person at the terminal. Undefined when there is none.
 */
export async function findPassword(
  { io, output }: Session,
  { password, passwordFile }: PasswordOptions,
  file: { readonly name: string; readonly bytes: Uint8Array },
): Promise<string | undefined> {
  if (password !== undefined && passwordFile !== undefined) {
    throw usageError('The password is given twice: give --password-file alone.');
  }
  if (password !== undefined) {
    output.warn(
      `a password on the command line is seen by others and kept by the shell. Use --password-file or ${VARIABLE}.`,
    );
    return password;
  }
  if (passwordFile === '-') return firstLine(await io.stdin.read());
  if (passwordFile !== undefined) return firstLine(await readText(passwordFile));
  const fromEnvironment = io.env[VARIABLE];
  if (fromEnvironment !== undefined) return fromEnvironment;
  if (!io.stdin.isTerminal || !mayBeEncrypted(file.bytes)) return undefined;
  const typed = await io.stdin.ask(`Password of ${file.name} (empty = none): `, { hidden: true });
  return typed === '' ? undefined : typed;
}

/** A PEM file says whether its key is encrypted; any other may be. */
function mayBeEncrypted(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  return !text.includes('-----BEGIN') || text.includes('ENCRYPTED');
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw usageError(`The password file ${file} cannot be read: ${why}.`);
  }
}

function firstLine(text: string): string {
  return text.split(/\r?\n/)[0] ?? '';
}
