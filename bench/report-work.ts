/**
 * One thing that is done with a large report, in a process of its own, which tells how much memory it
 * took at most. Bundled by {@link file://./report-memory.ts}, since a page's style and script are.
 */
import { DefaultAzureCredential } from '@azure/identity';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { HttpRequest } from '@azure/functions';
import { careOf, ledgerOf, partsOf } from './report-fleet.ts';
import { makeComposeAudit } from '../functions/activities/audit/compose-audit.ts';
import { makeShowAuditRoute } from '../functions/triggers/audit/audit-routes.ts';
import { makeAuditParts } from '../shared/azure/audit/audit-parts.ts';
import { makeAuditReports } from '../shared/azure/audit/audit-reports.ts';
import { BlobContainer } from '../shared/azure/blobs.ts';
import { DocumentTable } from '../shared/azure/tables.ts';
import { renderReport } from '../shared/report/render-report.ts';
import { makeReportReader } from '../shared/report/report-reader.ts';

/** The two audits, of which the later one is composed with the earlier one as the one before it. */
const EARLIER = '20261127T020000Z-000001';
const LATER = '20261128T020000Z-000001';

const [work = '', connectionString = '', size = ''] = process.argv.slice(2);
const rows = Number(size);
const storage = { kind: 'connection-string', connectionString } as const;
const credential = new DefaultAzureCredential();
const blobs = new BlobContainer('audits', storage, credential);
const table = new DocumentTable('audits', storage, credential, createDefaultHttpClient());
const parts = makeAuditParts(blobs);
const reports = makeAuditReports(table, blobs);
const reader = makeReportReader(reports);

async function write(): Promise<void> {
  for (const part of partsOf(rows, false)) await parts.put(EARLIER, part);
  for (const part of partsOf(rows, true)) await parts.put(LATER, part);
}

async function compose(audit: string): Promise<void> {
  const run = makeComposeAudit({
    ...{ ...careOf(rows), parts, reports, reader, render: renderReport },
    ledger: { all: () => ledgerOf(rows, audit === LATER) },
    acknowledgements: { all: async () => Promise.resolve(new Map()) },
    undelivered: async () => Promise.resolve([]),
    marks: async () => Promise.resolve([]),
    keepBackup: async () => Promise.resolve(undefined),
    ...{ settings: { expiryDays: [30, 14, 7] }, publicIssuers: () => [] },
    vaultSuffix: 'vault.azure.net',
  });
  const at = `${audit.slice(0, 4)}-${audit.slice(4, 6)}-${audit.slice(6, 8)}T02:05:00.000Z`;
  await run({ audit, by: { kind: 'platform' }, startedAt: at, completedAt: at });
}

async function show(query: string): Promise<void> {
  const route = makeShowAuditRoute({ reports });
  const request = new HttpRequest({
    method: 'GET',
    url: `http://localhost/api/audits/${LATER}?${query}`,
    params: { id: LATER },
    query: Object.fromEntries(new URLSearchParams(query)),
  });
  // The route looks at nothing else of a call.
  const call = { request } as Parameters<typeof route.respond>[0];
  const { body } = await route.respond(call);
  if (!(body instanceof Uint8Array)) throw new TypeError('There is no report.');
}

const works: Readonly<Record<string, () => Promise<unknown>>> = {
  nothing: () => Promise.resolve(),
  write,
  'compose-earlier': () => compose(EARLIER),
  'compose-later': () => compose(LATER),
  findings: () => reader.read(LATER),
  show: () => show('format=json'),
  compare: () => show(`format=json&compare=${EARLIER}`),
};

async function main(): Promise<void> {
  const begun = performance.now();
  await works[work]?.();
  process.send?.({
    milliseconds: performance.now() - begun,
    // Of the whole process, in kilobytes (Node, process.resourceUsage).
    peak: process.resourceUsage().maxRSS * 1_024,
  });
  process.disconnect();
}

void main();
