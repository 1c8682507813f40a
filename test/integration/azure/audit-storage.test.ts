/** Reports and parts of audits in real blob storage: large ones, in pieces, and many. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { startStorage, type RunningStorage } from '../../../local/storage/index.ts';
import { makeAuditParts } from '../../../shared/azure/audit/audit-parts.ts';
import { makeAuditReports } from '../../../shared/azure/audit/audit-reports.ts';
import { BlobContainer } from '../../../shared/azure/blobs.ts';
import { DocumentTable } from '../../../shared/azure/tables.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { renderReport } from '../../../shared/report/render-report.ts';
import { makeReportReader } from '../../../shared/report/report-reader.ts';
import { wholeReport } from '../../support/audit/whole-report.ts';
import { makeService, report } from '../../support/audit/make-facts.ts';
import { refusalOf } from '../../support/refusal.ts';

const CREDENTIAL = {
  getToken: () => Promise.resolve({ token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};
const AUDIT = '20261128T020000Z-07bc1a';

let stateDir: string;
let storage: RunningStorage;
beforeAll(async () => {
  stateDir = mkdtempSync(path.join(os.tmpdir(), 'audits-'));
  storage = await startStorage({ blobPort: 0, stateDir });
});
afterAll(async () => {
  await storage.stop();
  rmSync(stateDir, { recursive: true, force: true });
});

let containers = 0;
function open() {
  containers += 1;
  const { connectionString } = storage;
  const settings = { kind: 'connection-string', connectionString } as const;
  return {
    blobs: new BlobContainer(`audits-${String(containers)}`, settings, CREDENTIAL),
    table: new DocumentTable(
      `audits${String(containers)}`,
      settings,
      CREDENTIAL,
      createDefaultHttpClient(),
    ),
  };
}

describe('A blob of text', () => {
  test('larger than one block is read as it was written, in pieces', async () => {
    const { blobs } = open();
    const line = `${'ä€😀'.repeat(100)}\n`;
    const pieces = function* (): Generator<string> {
      for (let at = 0; at < 14_000; at += 1) yield line;
    };
    await blobs.putText('large.txt', pieces(), 'text/plain; charset=utf-8');
    const bytes = await blobs.get('large.txt', 64 * 1024 * 1024);
    expect(bytes?.byteLength).toBeGreaterThan(12 * 1024 * 1024);
    expect(Buffer.from(bytes ?? []).equals(Buffer.from(line.repeat(14_000)))).toBe(true);
  });

  test('larger than one block can be left after its first piece', async () => {
    const { blobs } = open();
    await blobs.putText('large.txt', ['x'.repeat(12 * 1024 * 1024)], 'text/plain');
    let read = 0;
    for await (const piece of (await blobs.open('large.txt')) ?? []) {
      read += piece.byteLength;
      break;
    }
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(1024 * 1024);
    await expect(blobs.open('none')).resolves.toBeUndefined();
  });

  test('larger than anything that is expected is not read into memory', async () => {
    const { blobs } = open();
    await blobs.putText('large.txt', ['x'.repeat(1_000)], 'text/plain');
    expect(await refusalOf(blobs.get('large.txt', 999))).toBe('AZURE_REFUSED');
    await expect(blobs.get('large.txt', 1_000)).resolves.toBeDefined();
  });

  test('replaces the one that had its name, and may hold nothing', async () => {
    const { blobs } = open();
    await blobs.putText('a', ['one'], 'text/plain');
    await blobs.putText('a', [], 'text/plain');
    expect(await blobs.get('a')).toEqual(new Uint8Array());
    await expect(blobs.has('a')).resolves.toBe(true);
    await expect(blobs.has('b')).resolves.toBe(false);
  });
});

test('Parts and reports are kept, listed and forgotten', async () => {
  const { blobs, table } = open();
  const parts = makeAuditParts(blobs);
  for (let at = 0; at < 30; at += 1) await parts.put(AUDIT, makeService({ name: `gw-${at}` }));
  const found = [];
  for await (const { name } of parts.all(AUDIT)) found.push(name);
  expect(found).toHaveLength(30);

  const reports = makeAuditReports(table, blobs);
  const made = { ...report(), id: AUDIT };
  await reports.add(toSummary(made), (form) => renderReport(made, form));
  await parts.drop(AUDIT);
  await expect(wholeReport(reports, AUDIT)).resolves.toEqual(made);
  const { certificates: _, ...short } = made;
  await expect(makeReportReader(reports).read(AUDIT)).resolves.toEqual(short);
  await expect(reports.find(AUDIT)).resolves.toEqual(toSummary(made));

  await expect(reports.forget('2026-11-28T02:00:00.000Z')).resolves.toBe(0);
  await expect(reports.forget('2026-11-28T02:00:01.000Z')).resolves.toBe(1);
  const left = [];
  for await (const name of blobs.list('')) left.push(name);
  expect(left).toEqual([]);
});
