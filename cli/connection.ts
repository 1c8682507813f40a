import { usageError } from './cli-error.ts';
import type { Io } from './io.ts';

/** Where Certkeeper is, and how to be let in. */
export interface Connection {
  /** Without a path and without a slash at the end. */
  readonly url: string;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ConnectionOptions {
  readonly url?: string;
  readonly key?: string;
  readonly token?: string;
}

/** Where `npm start` puts it. */
export const LOCAL_URL = 'http://127.0.0.1:7071';

/**
 * Reads the address and the key or token, from the options first and else from the environment.
 *
 * Thrown when the address cannot be used, or would carry a key in the clear: CliError (usage).
 */
export function readConnection(options: ConnectionOptions, env: Io['env']): Connection {
  const given = options.url ?? set(env['CERTKEEPER_URL']) ?? LOCAL_URL;
  const key = options.key ?? set(env['CERTKEEPER_KEY']);
  const token = options.token ?? set(env['CERTKEEPER_TOKEN']);
  const url = readUrl(given);
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && (key ?? token) !== undefined) {
    throw usageError(
      `The ${token === undefined ? 'key' : 'token'} would go to ${url.host} unencrypted.`,
      `Use https://${url.host}.`,
    );
  }
  for (const [what, value] of [
    ['key', key],
    ['token', token],
  ]) {
    // Not quoted: it is a secret, and half of one is half a secret.
    if (value !== undefined && !/^[\x21-\x7e]+$/.test(value)) {
      throw usageError(`The ${what ?? ''} holds a blank or a character that no ${what ?? ''} has.`);
    }
  }
  return {
    url: url.origin,
    headers: {
      ...(key === undefined ? {} : { 'x-functions-key': key }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  };
}

/**
 * The address that was given as an option, for commands that are to reach the same one; whatever else
 * stands in it is left out. The environment holds for the next command too, and needs no saying.
 */
export function givenAddress({ url }: ConnectionOptions): string | undefined {
  return url !== undefined && URL.canParse(url) ? new URL(url).origin : undefined;
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '') {
    throw usageError(
      'The address of Certkeeper must be a URL, such as https://certkeeper-contoso.azurewebsites.net.',
      'Set CERTKEEPER_URL or give --url.',
    );
  }
  if (!/^\/(?:api\/?)?$/.test(url.pathname) || url.search !== '') {
    throw usageError(
      `The address of Certkeeper is one without a path, not ${url.origin}${url.pathname}.`,
      `Use ${url.origin}.`,
    );
  }
  return url;
}

function set(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function isLoopback(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
