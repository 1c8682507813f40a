import {
  makeConfirmOrphansRoute,
  makeListCleanupsRoute,
  makeShowCleanupRoute,
  makeUndoCleanupRoute,
  type CleanupRoutePorts,
} from '../../../functions/triggers/cleanup-routes.ts';
import { rebind } from '../../../functions/activities/cleanup/rebind.ts';
import { parseConsent } from '../../../shared/domain/consent.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { askRoute } from '../../support/ask-route.ts';
import { makeCleanupWorld, START } from '../../support/cleanup-world.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  OTHER_SOURCE,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';

const PAT: Caller = { kind: 'entra', id: 'p', name: 'Pat', roles: ['Certkeeper.Manage'] };
const BY = { kind: 'entra', id: 'p', name: 'Pat' };
const BOUND = makeBinding({ targetThumbprint: NEW_THUMBPRINT });
const EVERYTHING = 'contoso-kv/* => contoso-gw';
interface Page {
  cleanups: { id: string; status: string }[];
  next?: string;
}

/** A world in which the source was deleted and its target removed. */
async function world({ allow = EVERYTHING, bindings = [BOUND] } = {}) {
  const made = makeCleanupWorld({ bindings, policy: { maxShare: 1 } });
  for (const { source } of bindings) made.softDelete(source);
  await made.sweep();
  made.pass(8);
  await made.sweep();
  const recoverDeleted = jest.fn(async () => made.recover(SOURCE));
  const requested: unknown[] = [];
  const ports: CleanupRoutePorts = {
    ...made.ports,
    ...{ ledger: made.ledger, cleanups: made.cleanups, history: made.history },
    services: new Set(['contoso-gw']),
    writer: { recoverDeleted },
    rules: parseConsent(allow).rules,
    rebind: (cleanup, allowedBy) => rebind(made.ledger, cleanup, { allowedBy }),
    requestSync: async (_, source, by) => {
      requested.push([source, by]);
      return { id: 'sync-1' };
    },
    now: () => new Date(made.now()),
  };
  const page = (query = '') => askRoute(makeListCleanupsRoute(ports), `/cleanups${query}`);
  const list = async (query = '') => (await page(query)).body as Page;
  const id = (await list()).cleanups[0]?.id ?? '';
  const undo = (body?: object) =>
    askRoute(makeUndoCleanupRoute(ports), `/cleanups/${id}/undo`, {
      params: { id },
      caller: PAT,
      ...(body === undefined ? {} : { body }),
    });
  return { ...made, ports, recoverDeleted, requested, page, list, id, undo };
}

describe('The list of removals', () => {
  const three = ['a', 'b', 'c'].map((name) =>
    makeBinding({
      source: { ...SOURCE, name },
      target: { ...TARGET, id: name },
      targetThumbprint: NEW_THUMBPRINT,
    }),
  );

  test('is paged through without losing any', async () => {
    const { list } = await world({ bindings: three });
    const seen: string[] = [];
    for (let query: string | undefined = '?limit=1'; query !== undefined;) {
      const { cleanups, next }: Page = await list(query);
      expect(cleanups).toHaveLength(1);
      seen.push(...cleanups.map(({ id }) => id));
      query = next?.slice(next.indexOf('?'));
    }
    expect(seen).toEqual((await list()).cleanups.map(({ id }) => id));
    expect(seen).toHaveLength(3);
  });

  test('says in a header too where the next page is, and gives no key away', async () => {
    const { page } = await world({ bindings: three });
    const { headers, body } = await page('?limit=2&status=removed&code=secret');
    const { next = '' } = body as Page;
    expect(next).toMatch(/^\/api\/cleanups\?limit=2&status=removed&cursor=[0-9a-f-]+$/);
    expect(headers.get('link')).toBe(`<${next}>; rel="next"`);
    expect((await page()).headers.get('link')).toBeNull();
  });

  test.each<[query: string, count: number]>([
    ['?status=removed', 3],
    ['?status=undone', 0],
    ['?service=Contoso-GW', 3],
    ['?service=contoso-eu-gw', 0],
  ])('is narrowed down by %s', async (query, count) => {
    const { list } = await world({ bindings: three });
    expect((await list(query)).cleanups).toHaveLength(count);
  });

  test.each(['limit=0', 'limit=501', 'status=gone', 'cursor=x', 'service=a_b'])(
    'refuses %s',
    async (query) => {
      const { ports } = await world();
      const { status } = await askRoute(makeListCleanupsRoute(ports), `/cleanups?${query}`);
      expect(status).toBe(400);
    },
  );
});

describe('A removal', () => {
  test('shows what was removed, and no ETag', async () => {
    const { ports, id } = await world();
    const { status, body } = await askRoute(makeShowCleanupRoute(ports), `/cleanups/${id}`, {
      params: { id },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      id,
      source: SOURCE,
      target: 'contoso-gw/certificates/gateway-client',
      status: 'removed',
      origin: 'tag',
      since: START,
      installed: { thumbprint: NEW_THUMBPRINT },
      operation: '/api/operations/sweep',
    });
    expect(JSON.stringify(body)).not.toContain('etag');
  });

  test('that nobody knows is not found', async () => {
    const { ports } = await world();
    const id = '8215872000000-0123456789ab';
    const answer = await askRoute(makeShowCleanupRoute(ports), `/cleanups/${id}`, {
      params: { id },
    });
    expect(answer).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

describe('An undo', () => {
  test('binds the source again while it is there, and syncs it', async () => {
    const { undo, id, recover, ledger, cleanups, requested, acts } = await world();
    recover(SOURCE);
    const { status, body, headers } = await undo();
    expect(status).toBe(202);
    expect(body).toEqual({
      id: 'sync-1',
      source: SOURCE,
      operation: '/api/operations/sync-1',
      cleanup: id,
      target: 'contoso-gw/certificates/gateway-client',
    });
    expect(headers.get('location')).toBe('/api/operations/sync-1');
    // No tag that names other targets may withdraw it.
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({
      claimed: false,
      origin: 'http',
    });
    expect(requested).toEqual([[SOURCE, BY]]);
    await expect(cleanups.find(id)).resolves.toMatchObject({
      cleanup: { status: 'undone', undoneBy: BY },
    });
    await expect(acts()).resolves.toContain('undo: rebound');
  });

  test('asked for again answers the same, and binds nothing twice', async () => {
    const { undo, recover, ledger } = await world();
    recover(SOURCE);
    const first = await undo();
    const writes = ledger.writes();
    const second = await undo();
    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(ledger.writes()).toBe(writes);
  });

  test('asked for again binds anew what has been given up since', async () => {
    const { undo, recover, ledger, cleanups, id, requested } = await world();
    recover(SOURCE);
    await undo();
    await ledger.release(SOURCE, [TARGET]);
    expect(await undo()).toMatchObject({ status: 202 });
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ origin: 'http' });
    await expect(cleanups.find(id)).resolves.toMatchObject({ cleanup: { status: 'undone' } });
    expect(requested).toHaveLength(2);
  });

  test('goes beyond CERTKEEPER_ALLOW, since it takes the role to do so', async () => {
    const { undo, recover, ledger } = await world({ allow: '' });
    recover(SOURCE);
    await undo();
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toMatchObject({ allowedBy: 'manage' });
  });

  test('of a source that is deleted says how to recover it, and does so when asked', async () => {
    const { undo, recoverDeleted } = await world();
    expect(await undo()).toMatchObject({
      status: 409,
      body: {
        code: 'CERTIFICATE_DELETED',
        cure: expect.stringContaining(
          'az keyvault certificate recover --vault-name contoso-kv --name gateway-client',
        ) as string,
      },
    });
    expect(recoverDeleted).not.toHaveBeenCalled();
    expect(await undo({ recover: true })).toMatchObject({ status: 202 });
    expect(recoverDeleted).toHaveBeenCalledWith(SOURCE);
  });

  test('of a source that was purged is over', async () => {
    const { undo, purge } = await world();
    purge(SOURCE);
    expect(await undo({ recover: true })).toMatchObject({
      status: 409,
      body: { code: 'CLEANUP_ENDED' },
    });
  });

  test('changes nothing when it cannot be told what became of the source', async () => {
    const { undo, ports, ledger, recover } = await world();
    recover(SOURCE);
    const busy = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
    (ports.vaults.sight as jest.Mock).mockRejectedValueOnce(busy);
    expect((await undo()).status).toBe(503);
    await expect(ledger.binding(SOURCE, TARGET)).resolves.toBeUndefined();
  });

  test.each<[sentence: string, take: (made: Awaited<ReturnType<typeof world>>) => unknown]>([
    [
      'put something else there',
      ({ install }) => install(TARGET, { reference: { kind: 'uploaded' } }),
    ],
    ['bound another source to it', ({ ledger }) => ledger.claim(OTHER_SOURCE, TARGET)],
  ])('leaves it when somebody has %s since', async (_, take) => {
    const made = await world();
    made.recover(SOURCE);
    await take(made);
    expect(await made.undo()).toMatchObject({ status: 409, body: { code: 'TARGET_TAKEN' } });
    expect(made.requested).toEqual([]);
  });

  test('takes up what somebody has attached again by hand', async () => {
    const made = await world();
    made.recover(SOURCE);
    made.install(TARGET);
    expect(await made.undo()).toMatchObject({ status: 202 });
  });

  test.each<[status: 'intended' | 'given-up', answer: number, code: string]>([
    ['intended', 503, 'AZURE_UNAVAILABLE'],
    ['given-up', 409, 'CLEANUP_ENDED'],
  ])('of one that is %s is answered %i', async (is, answer, code) => {
    const { undo, cleanups, id } = await world();
    const stored = await cleanups.find(id);
    if (stored !== undefined) await cleanups.replace(stored, { ...stored.cleanup, status: is });
    expect(await undo()).toMatchObject({ status: answer, body: { code } });
  });
});

describe('A confirmation', () => {
  const many = ['a', 'b', 'c', 'd'].map((name) =>
    makeBinding({
      source: { ...SOURCE, name },
      target: { ...TARGET, id: name },
      targetThumbprint: NEW_THUMBPRINT,
    }),
  );

  test('clears the doubts of a service, and the sweeps go on', async () => {
    const doubted = makeCleanupWorld({ bindings: many });
    for (const { source } of many) doubted.softDelete(source);
    await doubted.sweep();
    const { ports } = await world();
    const route = makeConfirmOrphansRoute({
      ...ports,
      ...{ ledger: doubted.ledger, cleanups: doubted.cleanups, history: doubted.history },
      now: () => new Date(doubted.now()),
    });
    const confirm = (service: string) =>
      askRoute(route, `/services/${service}/orphans/confirm`, { params: { service }, caller: PAT });
    const { status, body } = await confirm('Contoso-GW');
    expect(status).toBe(200);
    expect(body).toMatchObject({ service: 'contoso-gw', confirmed: [{}, {}, {}, {}] });
    await expect(doubted.acts({ ...SOURCE, name: 'a' })).resolves.toContain('orphan: confirmed');
    expect((await confirm('contoso-gw')).body).toMatchObject({ confirmed: [] });
    doubted.pass(8);
    await expect(doubted.sweep()).resolves.toMatchObject({ removed: 4, problems: [] });
  });

  test('of a service that is not under care is refused', async () => {
    const { ports } = await world();
    const service = 'foreign-gw';
    const answer = await askRoute(
      makeConfirmOrphansRoute(ports),
      `/services/${service}/orphans/confirm`,
      { params: { service }, caller: PAT },
    );
    expect(answer).toMatchObject({ status: 404, body: { code: 'SERVICE_NOT_CONFIGURED' } });
  });
});
