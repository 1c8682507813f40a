import http from 'node:http';
import https from 'node:https';

export interface OutgoingRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly content: string | null;
  readonly signal: AbortSignal;
}

export interface IncomingAnswer {
  readonly status: number;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** An answer is kept in the task hub as a whole, so that it cannot be of any length. */
export const longestAnswer = 32 * 1024 * 1024;
const mostRedirects = 50;

/**
 * Sends one request and follows redirects as .NET's HttpClient does, which Azure's host uses: the
 * credentials in `Authorization` do not travel along, and nothing goes from https to http
 * (https://learn.microsoft.com/dotnet/api/system.net.http.httpclienthandler.allowautoredirect).
 *
 * Rejects when there is no answer, when it is longer than {@link longestAnswer}, or when the
 * signal says so.
 */
export async function sendHttp(request: OutgoingRequest): Promise<IncomingAnswer> {
  let current = request;
  for (let redirects = 0; ; redirects++) {
    const answer = await sendOnce(current);
    const next = redirects < mostRedirects ? redirected(current, answer) : undefined;
    if (next === undefined) return answer;
    current = next;
  }
}

/**
 * Sends one request; a redirect is an answer like any other, so that what the headers hold goes nowhere
 * else. Rejects as {@link sendHttp}.
 */
export async function sendOnce(request: OutgoingRequest): Promise<IncomingAnswer> {
  const { url, method, headers, content, signal } = request;
  const outgoing = (url.protocol === 'https:' ? https : http).request(url, {
    ...{ method, signal },
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, [value].flat()]),
    ),
    // A connection of its own: one that was kept may be closed by the other side at any moment.
    agent: false,
  });
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  // What goes wrong after the answer has begun is told by its body, too.
  outgoing.on('error', reject).once('response', resolve);
  // As when a server wants to speak something else than HTTP: there is no answer and no error then.
  outgoing.once('close', () => reject(new Error('The connection was closed without an answer.')));
  outgoing.end(content ?? undefined);
  const answer = await promise;
  return {
    status: answer.statusCode ?? 0,
    rawHeaders: answer.rawHeaders,
    body: await readAll(answer),
  };
}

async function readAll(answer: http.IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  // Node gives a message without an encoding as buffers.
  for await (const part of answer as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestAnswer) {
      throw new Error(`The answer is longer than ${longestAnswer / 1024 / 1024} MB.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

const redirectStatuses: ReadonlySet<number> = new Set([300, 301, 302, 303, 307, 308]);

function redirected(
  request: OutgoingRequest,
  { status, rawHeaders }: IncomingAnswer,
): OutgoingRequest | undefined {
  if (!redirectStatuses.has(status)) return undefined;
  const at = rawHeaders.findIndex((name, i) => i % 2 === 0 && name.toLowerCase() === 'location');
  const url = at < 0 ? null : URL.parse(rawHeaders[at + 1] ?? '', request.url.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (request.url.protocol === 'https:' && url.protocol === 'http:') return undefined;
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => name.toLowerCase() !== 'authorization'),
  );
  const becomesGet =
    status === 303
      ? !/^(GET|HEAD)$/.test(request.method)
      : status <= 302 && request.method === 'POST';
  if (!becomesGet) return { ...request, url, headers };
  return { ...request, url, headers, method: 'GET', content: null };
}
