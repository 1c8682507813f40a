import { usageError } from './cli-error.ts';

/** A certificate as a person names it on the command line. */
export interface SourceArgument {
  readonly vault: string;
  readonly name: string;
}

/**
 * Reads `vault/name`.
 * Thrown when it is something else: CliError (usage).
 */
export function readSource(text: string): SourceArgument {
  const [vault = '', name = '', ...more] = text.split('/');
  if (vault === '' || name === '' || more.length > 0) {
    throw usageError(
      `A certificate is written vault/name, such as contoso-kv/gateway-client, not ${text}.`,
    );
  }
  return { vault, name };
}

/** The address of a certificate, or of something below it. */
export function pathOf({ vault, name }: SourceArgument, below = ''): string {
  return `/api/certificates/${encodeURIComponent(vault)}/${encodeURIComponent(name)}${below}`;
}
