/** What a report's page costs: time and bytes by number of certificates, and what charts add to the app. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { appOptions } from '../scripts/build.mjs';
import type {
  AuditedCertificate,
  AuditFinding,
  AuditReport,
} from '../shared/domain/audit/audit-report.ts';
import { timeLoads } from './load-app.ts';
import { count, megabytes, ms, percentile, printFigures, progress } from './print.ts';
import { digits } from './report-fleet.ts';

const SIZES = [100, 1_000, 10_000];
const RUNS = 7;
const AT = '2026-11-28T02:00:00.000Z';
const DAY_MS = 86_400_000;

type Render = (report: AuditReport) => Promise<string>;

export async function benchReport(root: string): Promise<void> {
  const folder = mkdtempSync(path.join(root, 'dist', 'bench-'));
  try {
    await measurePages(await loadRender(root, folder));
    await measureCharts(root, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measurePages(render: Render): Promise<void> {
  const begun = performance.now();
  await render(makeReport(10));
  const first = performance.now() - begun;
  const figures = [];
  for (const size of SIZES) {
    progress(`Writing the page of ${count(size)} certificates …`);
    const report = makeReport(size);
    const times: number[] = [];
    let bytes = 0;
    for (let run = 0; run < RUNS; run += 1) {
      const start = performance.now();
      bytes = Buffer.byteLength(await render(report));
      times.push(performance.now() - start);
    }
    const json = Buffer.byteLength(JSON.stringify(report));
    figures.push({
      what: `${count(size)} certificates`,
      value: ms(percentile(times, 0.5)),
      note: `${megabytes(bytes)}; as JSON ${megabytes(json)}`,
    });
  }
  progress('');
  printFigures(`Report: its page, a finding for each certificate (median of ${RUNS})`, [
    { what: 'the first page, which loads the charts', value: ms(first) },
    ...figures,
  ]);
}

/** The app as it is built, and the same without the library that draws the timeline. */
async function measureCharts(root: string, folder: string): Promise<void> {
  const [app, without] = ['app.cjs', 'without.cjs'].map((name) => path.join(folder, name));
  if (app === undefined || without === undefined) return;
  progress('Building the app with and without charts …');
  await build({ ...appOptions(root), outfile: app });
  const options = appOptions(root);
  await build({
    ...options,
    plugins: [withoutCharts, ...(options.plugins ?? [])],
    outfile: without,
  });
  const [time = NaN, timeWithout = NaN] = timeLoads(root, folder, [app, without]);
  printFigures('Loading the app (median of 15 processes, warm page cache)', [
    { what: 'as it is', value: ms(time), note: megabytes(statSync(app).size) },
    { what: 'without charts', value: ms(timeWithout), note: megabytes(statSync(without).size) },
  ]);
}

const withoutCharts: Plugin = {
  name: 'without-charts',
  setup(builder) {
    builder.onLoad({ filter: /[/\\]timeline-chart\.ts$/ }, () => ({
      contents: "export const drawTimeline = () => '';",
    }));
  },
};

/** The page's code holds style and script as texts, which only a bundle does. */
async function loadRender(root: string, folder: string): Promise<Render> {
  const outfile = path.join(folder, 'report.cjs');
  await build({
    ...appOptions(root),
    entryPoints: ['shared/report/html/render-report-page.ts'],
    outfile,
  });
  // What the entry point exports.
  const page = createRequire(outfile)(outfile) as { readonly renderReportPage: Render };
  return page.renderReportPage;
}

function makeReport(size: number): AuditReport {
  const certificates = Array.from({ length: size }, (_, at) => makeCertificate(at));
  return {
    reportVersion: 1,
    id: '20261128T020000Z-3f9c1a',
    startedAt: AT,
    completedAt: AT,
    requestedBy: { kind: 'platform' },
    scope: { vaults: [], services: [] },
    headline: {
      health: 'attention',
      sentence: `${count(size)} findings want somebody to act.`,
      certificates: size,
      findings: { critical: 0, high: 0, medium: size, low: 0 },
      acknowledged: 0,
      nextDates: [],
    },
    certificates,
    findings: certificates.map(makeFinding),
  };
}

function makeCertificate(at: number): AuditedCertificate {
  const service = `bench-${String(at % 100)}-gw`;
  const name = `certificate-${String(at)}`;
  const thumbprint = digits(at, 40).toUpperCase();
  return {
    id: `${service}/certificates/${name}`,
    place: 'client',
    service,
    resourceId: `/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/${service}/certificates/${name}`,
    thumbprint,
    subject: `CN=${name}.contoso.com, O=Contoso`,
    sans: [`${name}.contoso.com`],
    issuer: 'CN=Contoso Issuing CA 1, O=Contoso',
    serialNumber: digits(at + 1, 32),
    key: 'RSA 2048',
    signature: 'sha256WithRSAEncryption',
    notBefore: AT,
    expiresAt: new Date(Date.parse(AT) + ((at * 7_919) % 700) * DAY_MS).toISOString(),
    publicKeyDigest: digits(at + 2, 64),
    source: `bench-${String(at % 10)}-kv/${name}`,
    sourceThumbprint: thumbprint,
    version: digits(at + 3, 32),
    origin: 'key-vault',
    owner: `team-${String(at % 25)}`,
    binding: 'verified',
    uses: { verdict: 'in-use', references: at % 9, byThumbprint: 0, asOf: AT },
  };
}

function makeFinding(
  { id, resourceId, source = '' }: AuditedCertificate,
  at: number,
): AuditFinding {
  return {
    id: `no-auto-renewal-${digits(at, 12)}`,
    code: 'NO_AUTO_RENEWAL',
    severity: 'medium',
    about: id,
    resourceId,
    message: `Nothing renews ${source} before it expires.`,
    cure: `Create a new version: npx certkeeper upload ${source}`,
    since: AT,
  };
}
