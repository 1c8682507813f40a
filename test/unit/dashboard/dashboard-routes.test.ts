import { makeDashboardRoutes } from '../../../functions/triggers/dashboard/dashboard-routes.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { toOpenApi } from '../../../shared/http/openapi.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { askRoute, type Ask } from '../../support/ask-route.ts';
import { makeBinding, NOW } from '../../support/domain-samples.ts';
import { NO_AUDITS } from '../../support/memory-audits.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const READER: Caller = { kind: 'entra', id: '0', name: 'Rita', roles: ['Certkeeper.Read'] };
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

function over(ledger: Pick<MemoryLedger, 'all'> = makeMemoryLedger([makeBinding()])) {
  let milliseconds = 0;
  let withTaskHub = true;
  const routes = makeDashboardRoutes({
    ledger,
    care: { vaults: new Set(['contoso-kv']), services: new Set(['contoso-gw']) },
    ...NO_AUDITS,
    now: () => new Date(NOW),
    clock: () => milliseconds,
    withDoor: true,
  });
  const [page, live, door] = routes;
  if (page === undefined || live === undefined || door === undefined) throw new Error('Three');
  const client = {
    getStatusBy: async () => {
      if (!withTaskHub) throw new Error('The operation failed: HTTP 500');
      return [];
    },
  };
  const get = (route: typeof page, path: string, ask: Ask = {}) => {
    // Long enough for everything to be read anew.
    milliseconds += 60_000;
    return askRoute(route, path, { client, ...ask });
  };
  return {
    routes,
    page: (query = '', ask?: Ask) => get(page, `/dashboard${query}`, ask),
    live: (ask?: Ask) => get(live, '/dashboard/live', ask),
    door: () => get(door, '/dashboard/open'),
    loseTaskHub: () => {
      withTaskHub = false;
    },
  };
}

describe('The dashboard over HTTP', () => {
  test('is a page that may run its own script and style, and ask its own origin', async () => {
    const { status, headers, text } = await over().page();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cache-control')).toBe('no-store');
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/);
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(text).toContain('gateway-client');
  });

  test('answers that nothing has changed to who names what they have', async () => {
    const ledger = makeMemoryLedger([makeBinding()]);
    const { live } = over(ledger);
    const etag = (await live()).headers.get('etag') ?? '';
    const again = await live({ headers: { 'if-none-match': etag } });
    expect([again.status, again.text]).toEqual([304, undefined]);
    await ledger.saveBinding(makeBinding({ status: 'blocked' }));
    const changed = await live({ headers: { 'if-none-match': etag } });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  test.each([
    ['a reader', READER, false, false],
    ['an uploader', { ...READER, roles: ['Certkeeper.Upload'] }, true, false],
    ['a manager', { ...READER, roles: ['Certkeeper.Manage'] }, true, true],
    ['a function key', { kind: 'function-key' }, true, false],
  ] satisfies [string, Caller, boolean, boolean][])(
    'shows %s what they may do',
    async (_, caller, maySync, mayManage) => {
      const { text = '' } = await over().page('', { caller });
      expect(text.includes('data-act="sync"')).toBe(maySync);
      expect(text.includes('id="acknowledge-form"')).toBe(mayManage);
    },
  );

  test('says in a page why it is none, to a browser, and in problem details to a program', async () => {
    const away = {
      all: () => {
        throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'Storage <is> away.' });
      },
    };
    const { page } = over(away);
    const seen = await page('', { headers: BROWSER });
    expect([seen.status, seen.headers.get('content-type')]).toEqual([
      503,
      'text/html; charset=utf-8',
    ]);
    expect(seen.text).toContain('Storage &lt;is&gt; away.');
    expect(seen.headers.get('retry-after')).not.toBeNull();
    expect(await page()).toMatchObject({ status: 503, body: { code: 'AZURE_UNAVAILABLE' } });
  });

  test('shows the rest when the task hub cannot be asked', async () => {
    const dashboard = over();
    dashboard.loseTaskHub();
    const { status, text } = await dashboard.page();
    expect(status).toBe(200);
    expect(text).toContain('What is running could not be read just now.');
    expect(text).toContain('gateway-client');
  });

  test('takes the key in its address along in links, and nowhere else', async () => {
    const ledger = makeMemoryLedger(
      Array.from({ length: 60 }, (_, at) =>
        makeBinding({ source: { vault: 'contoso-kv', name: `c${String(at)}` } }),
      ),
    );
    const { page, live } = over(ledger);
    const { text = '' } = await page('?code=the-key');
    expect(text).toContain('?page=2&amp;code=the-key');
    expect((await live()).text).not.toContain('code=');
    expect((await page('?code=the-key', { caller: READER })).text).not.toContain('the-key');
  });

  test('has a door that tells nothing', async () => {
    const { status, text } = await over().door();
    expect(status).toBe(200);
    expect(text).toContain('Function key');
    expect(text).not.toContain('gateway-client');
  });

  test('says in the API document that the door takes no key', () => {
    const { routes } = over();
    const document: unknown = toOpenApi(routes, 'function-key');
    const { paths } = document as { paths: Record<string, Described> };
    const security = Object.entries(paths).map(([path, { get }]) => [path, get.security]);
    expect(security).toEqual([
      ['/api/dashboard', [{ functionKey: [] }]],
      ['/api/dashboard/live', [{ functionKey: [] }]],
      ['/api/dashboard/open', []],
    ]);
  });
});

interface Described {
  readonly get: { readonly security: unknown };
}
