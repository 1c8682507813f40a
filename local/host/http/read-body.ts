import type { IncomingMessage } from 'node:http';

/** How much of a refused body is read and thrown away, so that the caller gets to see the answer. */
const patience = 256 * 1024 * 1024;

/**
 * Reads a request's body.
 * @param limit bytes
 * @returns the body; `too-large` when it passes the limit; `aborted` when the caller went away
 */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | 'too-large' | 'aborted'> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // The stream carries Buffers: no encoding is set on it.
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit + patience) break;
    }
  } catch {
    return 'aborted';
  }
  return size > limit ? 'too-large' : Buffer.concat(chunks);
}
