import { TerminalError, TransientError } from '../domain/errors.ts';

/** Receivers answer within a second or two; one that hangs must not hold up the others for long. */
const POST_TAKES_AT_MOST_MS = 10_000;
/** Only a word of the answer is ever looked at. */
const MOST_ANSWER_BYTES = 1_024;
/** Statuses by which a receiver says "not now" (RFC 9110, RFC 6585). */
const NOT_NOW = new Set([408, 425, 429]);

/** What is posted, and to whom. */
export interface Post {
  /** Name of the place, for who reads what went wrong: its address is a secret. */
  readonly place: string;
  readonly address: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Posts JSON to a place's address, and to no other: a redirect is a refusal. Bounded in time, and so
 * is what is read of the answer.
 *
 * Thrown: TerminalError `NOTIFICATION_REFUSED`; TransientError `NOTIFICATION_UNDELIVERED`, with the
 * time that the receiver asked for. Neither quotes the address, nor what the receiver answered but
 * for one word.
 */
export async function post(
  { place, address, body, headers = {} }: Post,
  takesAtMostMs: number = POST_TAKES_AT_MOST_MS,
): Promise<void> {
  const signal = AbortSignal.timeout(takesAtMostMs);
  let response: Response;
  let word: string;
  try {
    response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'certkeeper', ...headers },
      body,
      redirect: 'manual',
      signal,
    });
    word = await readWord(response);
  } catch {
    // Why stands in the error, together with the address.
    const how = signal.aborted ? `in ${String(takesAtMostMs / 1_000)} seconds` : 'at all';
    throw undelivered(place, `${place} did not answer ${how}.`);
  }
  if (response.ok) return;
  const status = `HTTP ${String(response.status)}${word}`;
  if (response.status >= 500 || NOT_NOW.has(response.status)) {
    const after = retryAfterSeconds(response.headers.get('retry-after'));
    throw undelivered(place, `${place} cannot take the message now (${status}).`, after);
  }
  const isRedirect = response.status >= 300 && response.status < 400;
  throw new TerminalError({
    code: 'NOTIFICATION_REFUSED',
    message: isRedirect
      ? `${place} wants the message to go to another address (${status}), and it was not sent there.`
      : `${place} refused the message (${status}).`,
    resource: place,
    cure: 'Look at the address in its app setting, and try it: POST /api/notifications/test',
  });
}

function undelivered(place: string, message: string, retryAfterSeconds?: number): TransientError {
  return new TransientError(
    {
      code: 'NOTIFICATION_UNDELIVERED',
      message,
      resource: place,
      cure: 'Nothing to do at once: it is sent again for half an hour, and with the next audit.',
    },
    { retryAfterSeconds },
  );
}

/** Slack says why in one word, such as `no_service`; whatever else is there may hold anything. */
async function readWord(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // The body of a fetch is a stream of bytes; breaking off cancels it.
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    size += (chunk as Uint8Array).byteLength;
    if (size > MOST_ANSWER_BYTES) return '';
  }
  const text = Buffer.concat(chunks).toString('utf8').trim();
  return /^[a-z_]{3,40}$/.test(text) ? ` ${text}` : '';
}

/** Seconds, or a date (RFC 9110, 10.2.3); what is neither counts as not said. */
function retryAfterSeconds(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d{1,6}$/.test(value)) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1_000));
}
