import { makeListCertificatesRoute } from '../../../functions/triggers/list-certificates-route.ts';
import type { Binding, SourceRecord } from '../../../shared/domain/binding.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { certificateViewSchema } from '../../../shared/http/certificate-view.ts';
import { askRoute } from '../../support/ask-route.ts';
import {
  makeBinding,
  NEW_THUMBPRINT,
  NOW,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

interface Page {
  readonly certificates: readonly { readonly name: string; readonly bindings: readonly object[] }[];
  readonly next?: string;
}

const RECORD: SourceRecord = {
  source: SOURCE,
  version: 'v2',
  thumbprint: NEW_THUMBPRINT,
  expiresAt: '2026-08-01T00:00:00.000Z',
  enabled: true,
  seenAt: NOW,
  problems: [],
};
const nth = (at: number): Source => ({
  vault: 'contoso-kv',
  name: `c${String(at).padStart(4, '0')}`,
});

function over(bindings: readonly Binding[], records: readonly SourceRecord[] = []) {
  const ledger = makeMemoryLedger(bindings, records);
  let read = 0;
  const counting = {
    async *all(vault?: string, after?: Source) {
      for await (const entry of ledger.all(vault, after)) {
        read += 1;
        yield entry;
      }
    },
  };
  const route = makeListCertificatesRoute({ ledger: counting, now: () => new Date(NOW) });
  const get = (query: string, headers: Record<string, string> = {}) =>
    askRoute(route, `/certificates${query}`, { headers });
  const pages = async (query: string): Promise<Page[]> => {
    const all: Page[] = [];
    for (let at: string | undefined = query; at !== undefined;) {
      const { status, body } = await get(at);
      expect(status).toBe(200);
      const page = body as Page;
      all.push(page);
      at = page.next?.replace('/api/certificates', '');
    }
    return all;
  };
  return { get, pages, ledger, read: () => read };
}
const many = (count: number) =>
  Array.from({ length: count }, (_, at) => makeBinding({ source: nth(at) }));
const names = (pages: readonly Page[]) =>
  pages.flatMap(({ certificates }) => certificates.map(({ name }) => name));

describe('The list of certificates', () => {
  test('shows what the ledger knows of each', async () => {
    const { get } = over(
      [makeBinding(), makeBinding({ source: nth(1), problem: PROBLEM })],
      [RECORD],
    );
    const { status, body } = await get('');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      certificates: [
        { name: 'c0001', bindings: [{ problem: PROBLEM }] },
        {
          vault: 'contoso-kv',
          name: 'gateway-client',
          status: 'verified',
          thumbprint: NEW_THUMBPRINT,
          operation: expect.stringMatching(/^\/api\/operations\/sync-[0-9a-f]{20}$/) as string,
          bindings: [
            {
              target: 'contoso-gw/certificates/gateway-client',
              thumbprint: OLD_THUMBPRINT,
              current: false,
              versionless: true,
            },
          ],
        },
      ],
    });
    const { certificates } = body as { certificates: unknown[] };
    for (const one of certificates) expect(certificateViewSchema.parse(one)).toEqual(one);
    expect(body).not.toHaveProperty('next');
  });

  test('leaves out what is bound to nothing and has no problem', async () => {
    const { get } = over([], [RECORD, { source: nth(1), unbound: true, problems: [] }]);
    const { body } = await get('');
    expect(body).toMatchObject({ certificates: [{ name: 'c0001', status: 'unbound' }] });
  });

  test('shows what the ledger holds and cannot read', async () => {
    const record = { source: SOURCE, problems: [] };
    const ledger = {
      async *all() {
        yield { record, bindings: [], unreadable: [PROBLEM] };
      },
    };
    const route = makeListCertificatesRoute({ ledger, now: () => new Date(NOW) });
    const { body } = await askRoute(route, '/certificates');
    expect(body).toMatchObject({
      certificates: [{ name: 'gateway-client', status: 'blocked', problems: [PROBLEM] }],
    });
  });

  test.each([
    ['?status=blocked', ['c0001']],
    ['?status=verified,%20blocked', ['c0001', 'gateway-client']],
    ['?service=Contoso-GW&vault=CONTOSO-KV', ['c0001', 'gateway-client']],
    ['?vault=other-kv', []],
    ['?expiresBefore=P7D', ['gateway-client']],
    ['?expiresBefore=P6D', []],
    ['?expiresBefore=2026-08-02', ['gateway-client']],
    ['?q=gateway-cl&status=verified', ['gateway-client']],
    ['?sort=-name', ['gateway-client', 'c0001']],
  ])('is narrowed down and ordered by %s', async (query, expected) => {
    const blocked = makeBinding({ source: nth(1), status: 'blocked', problem: PROBLEM });
    const { pages } = over([makeBinding(), blocked], [RECORD]);
    expect(names(await pages(query))).toEqual(expected);
  });

  test.each([
    ['vault', '?vault=x'],
    ['vault', '?vault=../kv'],
    ['service', '?service=9gw'],
    ['status', '?status=well'],
    ['status', '?status=verified,'],
    ['expiresBefore', '?expiresBefore=soon'],
    ['q', '?q='],
    ['q', `?q=${'x'.repeat(201)}`],
    ['sort', '?sort=size'],
    ['limit', '?limit=0'],
    ['limit', '?limit=501'],
    ['limit', '?limit=1e2'],
    ['cursor', '?cursor=abc'],
  ])('refuses a bad %s: %s', async (field, query) => {
    const { status, body } = await over([]).get(query);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      code: 'INVALID_REQUEST',
      errors: [{ field, message: expect.stringMatching(/^must /) as string }],
    });
  });

  test('names every field that is bad', async () => {
    const { body } = await over([]).get('?vault=x&limit=no');
    expect(body).toMatchObject({ errors: [{ field: 'vault' }, { field: 'limit' }] });
  });
});

describe('The pages of a list', () => {
  test.each(['name', '-name', 'expires', 'status'])(
    'hold every certificate once, in order, by %s',
    async (sort) => {
      const { pages, get } = over(many(23));
      const paged = await pages(`?sort=${sort}&limit=5`);
      expect(paged.map(({ certificates }) => certificates.length)).toEqual([5, 5, 5, 5, 3]);
      const { body } = await get(`?sort=${sort}&limit=500`);
      expect(names(paged)).toEqual(names([body as Page]));
      expect(new Set(names(paged)).size).toBe(23);
    },
  );

  test('are fifty long unless said otherwise, and end where the list does', async () => {
    expect((await over(many(50)).pages('')).map((page) => page.certificates.length)).toEqual([50]);
    expect((await over(many(51)).pages('')).map((page) => page.certificates.length)).toEqual([
      50, 1,
    ]);
  });

  test('skip and repeat nothing when certificates come and go between them', async () => {
    const { get, ledger } = over(many(20));
    const first = (await get('?limit=10')).body as Page;
    await ledger.release(nth(9), [TARGET]);
    await ledger.release(nth(15), [TARGET]);
    await ledger.saveBinding(makeBinding({ source: { ...nth(0), name: 'c0003-new' } }));
    await ledger.saveBinding(makeBinding({ source: { ...nth(0), name: 'c0012-new' } }));
    const second = (await get((first.next ?? '').replace('/api/certificates', ''))).body as Page;
    expect(names([second])).toEqual([
      'c0010',
      'c0011',
      'c0012',
      'c0012-new',
      'c0013',
      'c0014',
      'c0016',
      'c0017',
      'c0018',
      'c0019',
    ]);
  });

  test('by name read no more of the ledger than they show', async () => {
    const { get, read } = over(many(500));
    const first = (await get('?limit=10')).body as Page;
    expect(read()).toBe(11);
    await get((first.next ?? '').replace('/api/certificates', ''));
    expect(read()).toBe(22);
  });

  test('keep the filter, tell the next address in Link too, and never the key', async () => {
    const { get } = over(many(9));
    const { body, headers } = await get('?q=c0&limit=4&code=a-function-key');
    const { next = '' } = body as Page;
    expect(next).toMatch(/^\/api\/certificates\?q=c0&limit=4&cursor=[A-Za-z0-9_-]+$/);
    expect(headers.get('link')).toBe(`<${next}>; rel="next"`);
  });

  test('of one order are not those of another', async () => {
    const { get } = over(many(9));
    const { next = '' } = (await get('?limit=4')).body as Page;
    const { status, body } = await get(`${next.replace('/api/certificates', '')}&sort=expires`);
    expect(status).toBe(400);
    expect(body).toMatchObject({ errors: [{ field: 'cursor' }] });
  });
});

describe('The list as CSV', () => {
  const CSV = { accept: 'text/csv' };

  test('has one row a binding, and one for what is in the way of a certificate as a whole', async () => {
    const { get, ledger } = over(
      [
        makeBinding(),
        makeBinding({ target: { ...TARGET, id: 'b' }, status: 'blocked', problem: PROBLEM }),
      ],
      [
        { ...RECORD, problems: [{ code: 'TAG_UNKNOWN', message: 'a "tag", mistyped' }] },
        { source: nth(1), unbound: true, problems: [] },
      ],
    );
    await ledger.saveAccess(SOURCE, [
      {
        target: TARGET,
        verdict: 'blocks',
        problems: [PROBLEM],
        checkedAt: NOW,
        since: NOW,
        told: [],
      },
    ]);
    const { status, headers, text = '' } = await get('', CSV);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
    const old =
      'v2,11059b2bb5bc48398a53b168c6cdcb10,2026-08-01T00:00:00.000Z,2026-07-01T00:00:00.000Z';
    expect(text.split('\r\n')).toEqual([
      'vault,name,certificateStatus,target,status,current,origin,thumbprint,targetThumbprint,version,verifiedVersion,expiresAt,verifiedAt,changedAt,access,problem,message,cure',
      'contoso-kv,c0001,unbound,,,,,,,,,,,,,,,',
      `contoso-kv,gateway-client,blocked,,,,,${NEW_THUMBPRINT},,v2,,2026-08-01T00:00:00.000Z,,,,TAG_UNKNOWN,"a ""tag"", mistyped",`,
      `contoso-kv,gateway-client,blocked,contoso-gw/certificates/gateway-client,verified,false,tag,${NEW_THUMBPRINT},${OLD_THUMBPRINT},${old},,blocks,,,`,
      `contoso-kv,gateway-client,blocked,contoso-gw/certificates/b,blocked,false,tag,${NEW_THUMBPRINT},${OLD_THUMBPRINT},${old},,,AZURE_REFUSED,${PROBLEM.message},`,
      '',
    ]);
  });

  test('is whole unless a limit is given, and then says where it goes on', async () => {
    const { get } = over(many(120));
    const whole = await get('', CSV);
    expect((whole.text ?? '').trimEnd().split('\r\n')).toHaveLength(121);
    expect(whole.headers.get('link')).toBeNull();
    const some = await get('?limit=7', CSV);
    expect((some.text ?? '').trimEnd().split('\r\n')).toHaveLength(8);
    expect(some.headers.get('link')).toContain('rel="next"');
  });

  test('and as JSON are told apart by who keeps answers', async () => {
    const { get } = over([]);
    expect((await get('', CSV)).headers.get('vary')).toBe('accept');
    expect((await get('')).headers.get('vary')).toBe('accept');
  });
});
