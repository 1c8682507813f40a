/** One request over a connection of its own. */
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface SendOptions {
  readonly method: 'POST' | 'OPTIONS';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface SendAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Sends a request and reads the whole answer; redirects are answers like others. Connections are
 * not kept: one that the other side closes at that moment would count as a failed attempt, and
 * the event would come ten seconds late.
 *
 * Thrown when there is no answer within `timeoutMs`, none at all, or the signal fires.
 */
export function send(url: string, options: SendOptions): Promise<SendAnswer> {
  const { method, headers, body = '', timeoutMs, signal } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const start = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(timeout.aborted ? new Error('no answer in time', { cause: error }) : error);
    const sent = start(
      url,
      {
        method,
        agent: false,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
        signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('error', fail);
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    sent.on('error', fail);
    sent.end(body);
  });
}
