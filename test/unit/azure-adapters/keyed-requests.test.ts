import { makeKeyedRequests } from '../../../shared/azure/keyed-requests.ts';
import { KEPT_FOR_MS, RUNS_AT_MOST_MS } from '../../../shared/domain/keyed-request.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const REQUEST = { id: 'id-1', fingerprint: 'upload of gateway-client' };
const ANSWER = { status: 202, headers: { location: '/api/operations/a' }, body: '{"id":"a"}' };

function start() {
  const table = makeMemoryTable();
  let time = Date.parse('2026-07-25T01:00:00.000Z');
  return {
    table,
    requests: makeKeyedRequests(table, () => new Date(time)),
    pass: (ms: number) => {
      time += ms;
    },
  };
}
type Requests = ReturnType<typeof start>['requests'];

async function begin(requests: Requests, request = REQUEST): Promise<string> {
  const state = await requests.begin(request);
  if (state.kind !== 'begun') throw new Error(`it is ${state.kind}`);
  return state.turn;
}

describe('A keyed request', () => {
  test('is begun once, and running for whoever comes meanwhile', async () => {
    const { requests } = start();
    await begin(requests);
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'running' });
  });

  test('of twenty that come at once one is begun', async () => {
    const { requests } = start();
    const states = await Promise.all(Array.from({ length: 20 }, () => requests.begin(REQUEST)));
    expect(states.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(states.filter(({ kind }) => kind === 'running')).toHaveLength(19);
  });

  test('that is done is answered again for a day', async () => {
    const { requests, pass } = start();
    await requests.finish(REQUEST, await begin(requests), ANSWER);
    pass(KEPT_FOR_MS - 1);
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'done', answer: ANSWER });
    pass(1);
    expect(await requests.begin(REQUEST)).toMatchObject({ kind: 'begun' });
  });

  test.each(['running', 'done'])('that is %s keeps its key from another request', async (state) => {
    const { requests } = start();
    const turn = await begin(requests);
    if (state === 'done') await requests.finish(REQUEST, turn, ANSWER);
    expect(await requests.begin({ ...REQUEST, fingerprint: 'something else' })).toEqual({
      kind: 'other',
    });
  });

  test('that failed leaves its key free, also for another request', async () => {
    const { requests } = start();
    await requests.release(REQUEST, await begin(requests));
    await begin(requests, { ...REQUEST, fingerprint: 'corrected' });
  });

  test('whose call died is begun by the next one, after a while', async () => {
    const { requests, pass } = start();
    await begin(requests);
    pass(RUNS_AT_MOST_MS - 1);
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'running' });
    pass(1);
    await begin(requests);
  });

  test('whose call only seemed dead changes nothing of the next one', async () => {
    const { requests, pass } = start();
    const first = await begin(requests);
    pass(RUNS_AT_MOST_MS);
    const second = await begin(requests);
    await requests.finish(REQUEST, first, { ...ANSWER, status: 200 });
    await requests.release(REQUEST, first);
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'running' });
    await requests.finish(REQUEST, second, ANSWER);
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'done', answer: ANSWER });
  });

  test('with an answer that no row can hold is done without its body', async () => {
    const { requests } = start();
    const body = 'x'.repeat(40_000);
    await requests.finish(REQUEST, await begin(requests), { ...ANSWER, body });
    const { status, headers } = ANSWER;
    expect(await requests.begin(REQUEST)).toEqual({ kind: 'done', answer: { status, headers } });
  });

  test('that is over is dropped in time', async () => {
    const { table, requests, pass } = start();
    for (let n = 0; n < 20; n += 1) {
      const request = { id: `a${String(n)}x`, fingerprint: 'f' };
      await requests.finish(request, await begin(requests, request), ANSWER);
    }
    pass(KEPT_FOR_MS);
    const young = { id: 'young', fingerprint: 'f' };
    await begin(requests, young);
    await begin(requests, { id: 'clears-up-0', fingerprint: 'f' });
    const left: string[] = [];
    for await (const { key } of table.list()) left.push(key);
    expect(left).toEqual(['clears-up-0', 'young']);
  });
});
