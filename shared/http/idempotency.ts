/**
 * `Idempotency-Key`: a request that is sent again with the same key is answered as the first time,
 * and does nothing again. Offered where doing something twice would matter.
 */
import { createHash } from 'node:crypto';
import type { HttpRequest } from '@azure/functions';
import * as z from 'zod';
import type { Caller } from './caller.ts';
import { TerminalError, TransientError, type ProblemCode } from '../domain/errors.ts';
import type { KeptAnswer, KeyedRequest } from '../domain/keyed-request.ts';
import type { KeyedRequests } from '../domain/arrival-ports.ts';

const NAME = 'idempotency-key';

/** The header, for a route's definition. */
export const idempotencyHeaders = z.object({
  [NAME]: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, { error: 'must be 1 to 255 visible ASCII characters' })
    .exactOptional()
    .meta({
      description:
        'A text of your own, a UUID for example. The same request with the same key is done once; for 24 hours it is answered again as the first time',
      example: '6f1c2d0e-7a52-4c1b-9d0f-1f4e5a6b7c8d',
    }),
});

/** What a route that takes the header can refuse for it. */
export const IDEMPOTENCY_PROBLEMS = [
  'IDEMPOTENCY_KEY_BUSY',
  'IDEMPOTENCY_KEY_REUSED',
] as const satisfies readonly ProblemCode[];

const REPLAYED = 'idempotency-replayed';
/** Headers of an answer that was given before. */
export const REPLAYED_HEADERS = {
  [REPLAYED]: '`true` when the request had been done before, and this is its answer',
} as const;

export interface OnceCall {
  readonly request: Pick<HttpRequest, 'method' | 'url' | 'headers'>;
  readonly caller: Caller;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly jsonBody?: unknown;
}

/**
 * Does what a keyed request asks for, unless it was done before; without a key it just does it. Of
 * the calls that fail nothing is kept: the key can be used again, also for a corrected request.
 *
 * Thrown: whatever `run` throws; TerminalError `IDEMPOTENCY_KEY_REUSED` when the key was used for
 * another request; TransientError `IDEMPOTENCY_KEY_BUSY` while the same request is being done.
 *
 * @param what everything that makes the request what it is, as JSON; bytes count by their hash.
 *   Never a password: a hash of one can be guessed at.
 */
export type Once = <Done extends Answer>(
  call: OnceCall,
  what: unknown,
  run: () => Promise<Done>,
) => Promise<Done>;

export function makeOnce(requests: KeyedRequests): Once {
  return async <Done extends Answer>(call: OnceCall, what: unknown, run: () => Promise<Done>) => {
    const key = call.request.headers.get(NAME);
    if (key === null) return run();
    const request = toKeyedRequest(call, key, what);
    const state = await requests.begin(request);
    switch (state.kind) {
      case 'done':
        // It is an answer of the same route to the same request.
        return toAnswer(state.answer) as Done;
      case 'running':
        throw new TransientError(BUSY, { retryAfterSeconds: 2 });
      case 'other':
        throw new TerminalError(REUSED);
      case 'begun':
        return await doNow(request, state.turn, run);
    }
  };

  async function doNow<Done extends Answer>(
    request: KeyedRequest,
    turn: string,
    run: () => Promise<Done>,
  ): Promise<Done> {
    let answer: Done;
    try {
      answer = await run();
    } catch (error) {
      // What went wrong is the answer; a key that stays taken for a while is the lesser evil.
      await requests.release(request, turn).catch(() => undefined);
      throw error;
    }
    const { status, headers = {}, jsonBody } = answer;
    const body = jsonBody === undefined ? {} : { body: JSON.stringify(jsonBody) };
    // It is done: that the answer cannot be kept must not make it look as if it were not.
    await requests.finish(request, turn, { status, headers, ...body }).catch(() => undefined);
    return answer;
  }
}

function toKeyedRequest({ request, caller }: OnceCall, key: string, what: unknown): KeyedRequest {
  const who = caller.kind === 'entra' ? caller.id : '';
  const { pathname } = new URL(request.url);
  return {
    id: sha256(JSON.stringify([caller.kind, who, key])),
    fingerprint: sha256(JSON.stringify([request.method, pathname.toLowerCase(), what], hashBytes)),
  };
}

/** A replacer for JSON; a Buffer would have become a list of numbers before it comes here. */
function hashBytes(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const given = this[name];
  return given instanceof Uint8Array ? sha256(given) : value;
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

function toAnswer({ status, headers, body }: KeptAnswer): Answer {
  if (body === undefined) {
    throw new TerminalError({
      code: 'IDEMPOTENCY_KEY_REUSED',
      message: 'This request has been done, and its answer was too large to be kept.',
      ...(headers['location'] === undefined ? {} : { resource: headers['location'] }),
      cure: 'Look at the operation, or at the certificate.',
    });
  }
  return { status, headers: { ...headers, [REPLAYED]: 'true' }, jsonBody: JSON.parse(body) };
}

const BUSY = {
  code: 'IDEMPOTENCY_KEY_BUSY',
  message: 'A request with this Idempotency-Key is being done.',
  cure: 'Ask again in a moment: the answer will be that of the first one.',
} as const;

const REUSED = {
  code: 'IDEMPOTENCY_KEY_REUSED',
  message: 'This Idempotency-Key was used for another request.',
  cure: 'Take a new key for each thing that is to be done.',
} as const;
