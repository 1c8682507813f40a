import type { DurableClient } from 'durable-functions';
import {
  makeAcknowledgeRoute,
  makeUnacknowledgeRoute,
} from '../../../functions/triggers/audit/acknowledgement-routes.ts';
import {
  makeListAuditsRoute,
  makeShowAuditRoute,
} from '../../../functions/triggers/audit/audit-routes.ts';
import {
  makeAuditTimer,
  makeStartAuditRoute,
} from '../../../functions/triggers/audit/start-audit.ts';
import { makeAcknowledgements } from '../../../shared/azure/audit/acknowledgements.ts';
import { makeAuditReports } from '../../../shared/azure/audit/audit-reports.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { findStatus } from '../../../shared/durable/start-once.ts';
import type { Caller } from '../../../shared/http/caller.ts';
import { renderReport } from '../../../shared/report/render-report.ts';
import { askRoute } from '../../support/ask-route.ts';
import {
  makeClient,
  makeService,
  makeUsage,
  report,
  UNUSED,
} from '../../support/audit/make-facts.ts';
import {
  makeFakeDurableClient,
  type FakeDurableClient,
} from '../../support/fake-durable-client.ts';
import { makeMemoryBlobs } from '../../support/memory-blobs.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const PAT: Caller = { kind: 'entra', id: 'p', name: 'Pat', roles: ['Certkeeper.Manage'] };
const IDS = ['20261126T020000Z-000001', '20261127T020000Z-000001', '20261128T020000Z-000001'];
const [FIRST = '', SECOND = '', LAST = ''] = IDS;
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

const inOrder = report();
const withFinding = report({
  services: [
    makeService({
      clients: [makeClient()],
      usage: makeUsage({ 'contoso-gw/certificates/gateway-client': UNUSED }),
    }),
  ],
});

/** Three reports: the last one has something that the others have not. */
async function world(made: readonly string[] = IDS, certificates = 2) {
  const table = makeMemoryTable();
  const blobs = makeMemoryBlobs();
  const asked: string[] = [];
  const counted: typeof blobs = {
    ...blobs,
    get: (name) => (asked.push(name), blobs.get(name)),
    open: (name) => (asked.push(name), blobs.open(name)),
  };
  const reports = makeAuditReports(table, counted);
  for (const id of made) {
    const one: AuditReport = { ...(id === LAST ? withFinding : inOrder), id };
    const { headline, ...summary } = toSummary(one);
    const listed = { ...summary, headline: { ...headline, certificates } };
    await reports.add(listed, (form) => renderReport(one, form));
  }
  const acknowledgements = makeAcknowledgements(table);
  const ports = { reports, acknowledgements, now: () => new Date('2026-11-28T03:00:00Z') };
  const show = (id: string, { query = '', accept }: { query?: string; accept?: string } = {}) =>
    askRoute(makeShowAuditRoute(ports), `/audits/${id}${query}`, {
      params: { id },
      ...(accept === undefined ? {} : { headers: { accept } }),
    });
  const acknowledge = (id: string, body: object) =>
    askRoute(makeAcknowledgeRoute(ports), `/findings/${id}/acknowledgement`, {
      ...{ params: { id }, caller: PAT, body },
    });
  return {
    ...{ acknowledgements, show, acknowledge, asked },
    list: (query = '') => askRoute(makeListAuditsRoute(ports), `/audits${query}`),
    unacknowledge: (id: string) =>
      askRoute(makeUnacknowledgeRoute(ports), `/findings/${id}/acknowledgement`, {
        ...{ params: { id }, caller: PAT },
      }),
  };
}

async function byTimer(client: FakeDurableClient): Promise<void> {
  // The library exports no way to make one; the timer uses no more of it than this.
  const durable: unknown = client;
  await makeAuditTimer({ findStatus })(undefined, durable as DurableClient);
}

describe('Starting an audit', () => {
  test('answers where it can be watched, and names who asked', async () => {
    const client = makeFakeDurableClient();
    const route = makeStartAuditRoute({ findStatus });
    const { status, headers, body } = await askRoute(route, '/audits', { caller: PAT, client });
    expect(status).toBe(202);
    expect(headers.get('location')).toBe('/api/operations/audit');
    expect(body).toEqual({ id: 'audit', operation: '/api/operations/audit' });
    expect(client.started).toMatchObject([
      { name: 'Audit', id: 'audit', input: { by: { kind: 'entra', id: 'p', name: 'Pat' } } },
    ]);
  });

  test('joins the audit that is running, from the timer too', async () => {
    const client = makeFakeDurableClient();
    client.set('audit', 'Running');
    const route = makeStartAuditRoute({ findStatus });
    await expect(askRoute(route, '/audits', { client })).resolves.toMatchObject({ status: 202 });
    await byTimer(client);
    expect(client.started).toEqual([]);
  });

  test('is what the timer does, without a name', async () => {
    const client = makeFakeDurableClient();
    await byTimer(client);
    expect(client.started).toMatchObject([{ name: 'Audit', id: 'audit' }]);
  });
});

describe('The list of audits', () => {
  test('has the newest first, page by page', async () => {
    const { list } = await world();
    const first = (await list('?limit=2')).body as { audits: { id: string }[]; next: string };
    expect(first.audits.map(({ id }) => id)).toEqual([LAST, SECOND]);
    expect(first.next).toBe(`/api/audits?limit=2&cursor=${SECOND}`);
    const { body } = await list(first.next.slice('/api/audits'.length));
    expect(body).toMatchObject({ audits: [{ id: FIRST, report: `/api/audits/${FIRST}` }] });
    expect(body).not.toHaveProperty('next');
  });

  test('is empty before the first', async () => {
    expect((await (await world([])).list()).body).toEqual({ audits: [] });
  });
});

describe('The report of an audit', () => {
  test.each([
    ['application/json', 'application/json', undefined],
    ['*/*', 'application/json', undefined],
    [BROWSER, 'text/html; charset=utf-8', undefined],
    ['text/csv', 'text/csv; charset=utf-8', undefined],
    ['text/markdown', 'text/markdown; charset=utf-8', undefined],
    [BROWSER, 'application/json', 'json'],
    ['*/*', 'text/csv; charset=utf-8', 'findings-csv'],
    ['application/json', 'text/markdown; charset=utf-8', 'md'],
  ])('is, where %s is accepted, %s (format %s)', async (accept, type, format) => {
    const query = format === undefined ? '' : `?format=${format}`;
    const { status, headers } = await (await world()).show('latest', { accept, query });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('vary')).toBe('accept');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('is that of the latest audit, or of the one that is named', async () => {
    const { show } = await world();
    expect((await show('latest')).body).toEqual({ ...withFinding, id: LAST });
    expect((await show(FIRST)).body).toEqual({ ...inOrder, id: FIRST });
  });

  test('as a page may run its own script and reach nothing', async () => {
    const { headers } = await (await world()).show('latest', { query: '?format=html' });
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("connect-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe-inline');
  });

  test.each(['csv', 'findings-csv'])('as %s is a file with a name', async (format) => {
    const { headers } = await (await world()).show('latest', { query: `?format=${format}` });
    expect(headers.get('content-disposition')).toMatch(
      new RegExp(`^attachment; filename="(certificates|findings)-${LAST}.csv"$`),
    );
  });

  test('says what changed since the audit that it is compared with', async () => {
    const { show } = await world();
    const compared = await show(LAST, { query: `?compare=${FIRST}` });
    const { changes, ...rest } = compared.body as AuditReport;
    expect(changes?.since.id).toBe(FIRST);
    expect(changes?.appeared).toEqual(withFinding.findings.map(({ id }) => id));
    expect({ ...rest, changes: withFinding.changes }).toEqual({ ...withFinding, id: LAST });
    const page = await show(LAST, { query: `?compare=${FIRST}&format=html` });
    expect(page.text).toContain('<!doctype html>');
    const summary = await show(LAST, { query: `?compare=${FIRST}&format=md` });
    expect(summary.text).toContain('- findings appeared: 1\n');
  });

  test('as a table says nothing of changes, so that it is the same compared with another one', async () => {
    const { show } = await world();
    for (const format of ['csv', 'findings-csv']) {
      const compared = await show(LAST, { query: `?format=${format}&compare=${FIRST}` });
      expect(compared.text).toBe((await show(LAST, { query: `?format=${format}` })).text);
    }
  });

  test.each([
    ['csv', [`${LAST}/report.csv`]],
    ['html', [`${FIRST}/report.json`, `${LAST}/report.json`]],
  ])('compared with another one reads no more than %s is made of', async (format, files) => {
    const { show, asked } = await world();
    await show(LAST, { query: `?format=${format}&compare=${FIRST}` });
    expect(asked).toEqual(files);
  });

  test('as a table is not compared with one that there is not', async () => {
    const { show } = await world();
    const query = '?format=csv&compare=20260101T020000Z-000001';
    expect((await show(LAST, { query })).status).toBe(404);
  });

  test('names the field when it cannot be compared', async () => {
    const { show } = await world();
    const later = await show(FIRST, { query: `?compare=${LAST}` });
    expect(later.body).toMatchObject({
      errors: [{ field: 'compare', message: `must name an audit before ${FIRST}` }],
    });
    const large = await world(IDS, 20_001);
    const page = await large.show(LAST, { query: `?format=html&compare=${FIRST}` });
    expect(page.body).toMatchObject({ errors: [{ field: 'format' }] });
  });

  test.each([
    ['20260101T020000Z-000001', '', 404],
    ['latest', `?compare=20260101T020000Z-000001`, 404],
    ['../report', '', 400],
    ['latest', '?format=pdf', 400],
    ['latest', '?compare=latest', 400],
    [FIRST, `?compare=${LAST}`, 400],
    [LAST, `?compare=${LAST}`, 400],
  ])('of %s%s is refused with %i', async (id, query, status) => {
    expect((await (await world()).show(id, { query })).status).toBe(status);
  });

  test('is none before the first audit', async () => {
    const { status, body } = await (await world([])).show('latest');
    expect(status).toBe(404);
    expect(body).toMatchObject({
      code: 'NOT_FOUND',
      cure: expect.stringContaining('audit') as string,
    });
  });
});

describe('A finding', () => {
  const finding = withFinding.findings[0];
  const id = finding?.id ?? '';
  const GOOD = { reason: 'Kept for a roll-back.', until: '2027-03-31' };

  test('is acknowledged with a reason, a day and a name', async () => {
    const { acknowledge, acknowledgements } = await world();
    const { status, body } = await acknowledge(id, GOOD);
    expect(status).toBe(200);
    const by = { kind: 'entra', id: 'p', name: 'Pat' };
    expect(body).toEqual({ finding: id, message: finding?.message, ...GOOD, by });
    // With how grave it is: what becomes graver has not been acknowledged as that.
    const severity = finding?.severity;
    expect(await acknowledgements.all()).toEqual(
      new Map([[id, { ...GOOD, severity, by, from: 'http' }]]),
    );
  });

  test.each([
    [{ reason: '', until: '2027-03-31' }, 400],
    [{ reason: 'x', until: '2026-11-27' }, 400],
    [{ reason: 'x', until: 'tomorrow' }, 400],
    [{ reason: 'x' }, 400],
  ])('is not acknowledged with %j', async (body, status) => {
    const { acknowledge, acknowledgements } = await world();
    expect((await acknowledge(id, body)).status).toBe(status);
    expect((await acknowledgements.all()).size).toBe(0);
  });

  test('is not acknowledged when the latest report has none of that id', async () => {
    const { acknowledge, acknowledgements } = await world();
    expect((await acknowledge('used-by-nothing-0', GOOD)).status).toBe(404);
    expect((await acknowledgements.all()).size).toBe(0);
  });

  test('counts again when the acknowledgement is taken back', async () => {
    const { acknowledge, unacknowledge, acknowledgements } = await world();
    await acknowledge(id, GOOD);
    expect((await unacknowledge(id)).status).toBe(204);
    expect((await acknowledgements.all()).size).toBe(0);
    expect((await unacknowledge(id)).status).toBe(404);
  });
});
