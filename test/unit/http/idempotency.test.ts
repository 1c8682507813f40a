import * as z from 'zod';
import { makeKeyedRequests } from '../../../shared/azure/keyed-requests.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { KeyedRequests } from '../../../shared/domain/arrival-ports.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { idempotencyHeaders, makeOnce } from '../../../shared/http/idempotency.ts';
import { defineRoute } from '../../../shared/http/route.ts';
import { askRoute } from '../../support/ask-route.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';
import { PROBLEM } from '../../support/domain-samples.ts';

const NOW = () => new Date('2026-07-25T01:00:00.000Z');
const ADA: Caller = { kind: 'entra', id: 'ada', roles: ['Certkeeper.Manage'] };

/** A route that counts what it does. */
function start(
  requests: KeyedRequests = makeKeyedRequests(makeMemoryTable(), NOW),
  work: () => Promise<void> = () => Promise.resolve(),
) {
  const once = makeOnce(requests);
  let done = 0;
  const route = defineRoute({
    name: 'Count',
    method: 'POST',
    path: 'count',
    role: 'Certkeeper.Upload',
    summary: 'Counts',
    headers: idempotencyHeaders,
    body: z.object({ file: z.string().default('') }),
    answers: {
      202: { description: 'The count', schema: z.object({ done: z.int(), text: z.string() }) },
    },
    problems: [],
    handle: ({ request, caller, body }) =>
      once({ request, caller }, { file: Buffer.from(body.file) }, async () => {
        await work();
        done += 1;
        return {
          status: 202,
          headers: { location: `/api/operations/${String(done)}` },
          jsonBody: { done, text: 'counted' },
        } as const;
      }),
  });
  const ask = (key: string | undefined, file = 'a', caller: Caller = { kind: 'function-key' }) =>
    askRoute(route, '/count', {
      caller,
      body: { file },
      headers: key === undefined ? {} : { 'Idempotency-Key': key },
    });
  return { ask, done: () => done };
}

describe('A request with an Idempotency-Key', () => {
  test('that comes again is answered as the first time, and does nothing', async () => {
    const { ask, done } = start();
    const first = await ask('key-1');
    const again = await ask('key-1');
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again).toMatchObject({ status: 202, body: { done: 1, text: 'counted' } });
    expect(again.headers.get('location')).toBe('/api/operations/1');
    expect(done()).toBe(1);
  });

  test('and another content is refused', async () => {
    const { ask, done } = start();
    await ask('key-1', 'a');
    expect(await ask('key-1', 'b')).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect(done()).toBe(1);
  });

  test('of somebody else is another one', async () => {
    const { ask, done } = start();
    await ask('key-1', 'a', ADA);
    await ask('key-1', 'b', { ...ADA, id: 'grace' });
    await ask('key-1', 'c', { kind: 'function-key' });
    await ask('key-1', 'a', ADA);
    expect(done()).toBe(3);
  });

  test('that is being done is told to come back', async () => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    let begun = (): void => undefined;
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const { ask, done } = start(undefined, () => {
      begun();
      return held;
    });
    const first = ask('key-1');
    await hasBegun;
    const second = await ask('key-1');
    expect(second).toMatchObject({ status: 409, body: { code: 'IDEMPOTENCY_KEY_BUSY' } });
    expect(second.headers.get('retry-after')).toBe('2');
    letGo();
    expect(await first).toMatchObject({ status: 202 });
    expect(done()).toBe(1);
  });

  test('that failed is done when it comes again', async () => {
    let failing = true;
    const { ask, done } = start(undefined, async () => {
      if (failing) throw new TerminalError(PROBLEM);
    });
    expect(await ask('key-1')).toMatchObject({ status: 502 });
    failing = false;
    expect(await ask('key-1')).toMatchObject({ status: 202 });
    expect(done()).toBe(1);
  });

  test.each(['', ' ', 'a b', 'x'.repeat(256)])('that is none (%j) is refused', async (key) => {
    expect(await start().ask(key)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'idempotency-key' }] },
    });
  });

  test('whose answer cannot be kept is answered all the same', async () => {
    const requests = makeKeyedRequests(makeMemoryTable(), NOW);
    const { ask } = start({ ...requests, finish: () => Promise.reject(new Error('storage')) });
    expect(await ask('key-1')).toMatchObject({ status: 202, body: { done: 1 } });
  });

  test('whose answer was too large to be kept says where to look', async () => {
    const answer = { status: 202, headers: { location: '/api/operations/1' } };
    const { ask, done } = start({
      ...makeKeyedRequests(makeMemoryTable(), NOW),
      begin: () => Promise.resolve({ kind: 'done', answer }),
    });
    expect(await ask('key-1')).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED', resource: '/api/operations/1' },
    });
    expect(done()).toBe(0);
  });
});

test('Without a key a request is done each time', async () => {
  const { ask, done } = start();
  await ask(undefined);
  await ask(undefined);
  expect(done()).toBe(2);
});

test('What is kept of a request says nothing of its content', async () => {
  const table = makeMemoryTable();
  const { ask } = start(makeKeyedRequests(table, NOW));
  await ask('key-hunter2', 'content-hunter2');
  for await (const row of table.list()) expect(JSON.stringify(row)).not.toContain('hunter2');
});
