import type { IncomingMessage } from 'node:http';

/** How much of a refused body is read and thrown away, so that the caller gets to see the answer. */
const PATIENCE = 256 * 1024 * 1024;

/**
 * Kestrel's slowest body: 240 bytes a second, looked at every five seconds
 * (https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/options#minimum-request-body-data-rate).
 */
const slowest = { bytes: 240 * 5, everyMs: 5_000 };

/**
 * Reads a request's body.
 * @param limit bytes
 * @returns the body; `too-large` when it passes the limit; `too-slow` when it all but stopped;
 *   `aborted` when the caller went away
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
  pace = slowest,
): Promise<Buffer | 'too-large' | 'too-slow' | 'aborted'> {
  const { promise, resolve } = Promise.withResolvers<
    Buffer | 'too-large' | 'too-slow' | 'aborted'
  >();
  const chunks: Buffer[] = [];
  let size = 0;
  let atLastLook = 0;
  function look(): void {
    if (size - atLastLook < pace.bytes) resolve('too-slow');
    atLastLook = size;
  }
  // An app that has kept the process busy has kept it from reading, too: what came is read first.
  const watch = setInterval(() => setImmediate(look), pace.everyMs);
  function take(chunk: Buffer): void {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
    else chunks.length = 0;
    if (size > limit + PATIENCE) resolve('too-large');
  }
  request
    .on('data', take)
    .on('end', () => resolve(size > limit ? 'too-large' : Buffer.concat(chunks)))
    .on('close', () => resolve('aborted'))
    .on('error', () => resolve('aborted'));
  try {
    return await promise;
  } finally {
    clearInterval(watch);
    // What still comes is for nobody, and the pieces are in memory as long as the request is.
    request.off('data', take);
    chunks.length = 0;
  }
}

/**
 * Reads and throws away what still comes of the body of a request that has been answered, so that
 * the caller gets to see the answer; one that sends without end, or all but stops, is cut off.
 */
export async function letRunOut(request: IncomingMessage, pace = slowest): Promise<void> {
  const isComing = (): boolean => !request.complete && !request.destroyed;
  request.resume();
  if (isComing()) await readBody(request, 0, pace);
  if (isComing()) request.destroy();
}
