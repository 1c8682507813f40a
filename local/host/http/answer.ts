import type { ServerResponse } from 'node:http';
import type { HttpAnswer } from './http-data.ts';

/** How long a caller may take nothing of an answer that waits for it. */
const UNREAD_MS = 120_000;

/** A line of text, for people. */
export function textAnswer(
  status: number,
  text = '',
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: text === '' ? headers : { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: Buffer.from(text === '' ? '' : `${text}\n`),
  };
}

export function jsonAnswer(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: Buffer.from(JSON.stringify(value)),
  };
}

/** Thrown when one is not allowed in HTTP. */
export function setHeaders(response: ServerResponse, headers: HttpAnswer['headers']): void {
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, typeof value === 'string' ? value : [...value]);
  }
}

/**
 * Sends an answer; one that cannot be sent (a header that HTTP does not allow) becomes a 500.
 * @returns false when it could not be sent as it was
 */
export function sendAnswer(response: ServerResponse, answer: HttpAnswer): boolean {
  if (response.headersSent || response.destroyed) return true;
  const bodyless = answer.status === 204 || answer.status === 304;
  try {
    setHeaders(response, answer.headers);
    if (!bodyless && !response.hasHeader('content-length')) {
      response.setHeader('content-length', answer.body.byteLength);
    }
    response.writeHead(answer.status);
  } catch {
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.writeHead(500, { 'content-length': 0 }).end();
    return false;
  }
  response.setTimeout(UNREAD_MS, () => response.destroy());
  response.end(bodyless ? undefined : answer.body);
  return true;
}
