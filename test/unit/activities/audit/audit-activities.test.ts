import { makeComposeAudit } from '../../../../functions/activities/audit/compose-audit.ts';
import { makeNoteUnreadable } from '../../../../functions/activities/audit/note-unreadable.ts';
import {
  makeReadService,
  makeReadVault,
} from '../../../../functions/activities/audit/read-part.ts';
import { makeTidyAudits } from '../../../../functions/activities/audit/tidy-audits.ts';
import { makeAcknowledgements } from '../../../../shared/azure/audit/acknowledgements.ts';
import { makeAuditParts } from '../../../../shared/azure/audit/audit-parts.ts';
import { makeAuditReports } from '../../../../shared/azure/audit/audit-reports.ts';
import type {
  ServiceInventories,
  VaultInventories,
  VaultListing,
  VaultReading,
} from '../../../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../../../shared/domain/audit/audit-report.ts';
import { TerminalError, TransientError } from '../../../../shared/domain/errors.ts';
import { renderReport } from '../../../../shared/report/render-report.ts';
import { makeReportReader } from '../../../../shared/report/report-reader.ts';
import {
  IN_USE,
  makeBound,
  makeClient,
  makeService,
  makeUsage,
  makeVault,
  UNUSED,
} from '../../../support/audit/make-facts.ts';
import { wholeReport } from '../../../support/audit/whole-report.ts';
import { makeMemoryBlobs } from '../../../support/memory-blobs.ts';
import { makeMemoryLedger } from '../../../support/memory-ledger.ts';
import { makeMemoryTable } from '../../../support/memory-table.ts';
import { refusalOf } from '../../../support/refusal.ts';

const AUDIT = '20261128T020000Z-3f9c1a';
const AT = '2026-11-28T02:00:00.000Z';
const GONE = { code: 'VAULT_NOT_FOUND', message: 'There is no vault contoso-kv.' } as const;
const BUSY = { code: 'AZURE_UNAVAILABLE', message: 'Azure did not answer.' } as const;
const PLATFORM = { kind: 'platform' } as const;

const refuse = (problem: typeof GONE) => () => Promise.reject(new TerminalError(problem));

describe('Reading a vault for an audit', () => {
  const LISTING: VaultListing = {
    ...{ vault: 'contoso-kv', readAt: AT, certificates: [], wanted: ['a', 'm', 'z'] },
  };
  const WHOLE: VaultReading = { kind: 'whole', inventory: makeVault() };
  const over = (answer: VaultInventories['read'] = async () => WHOLE) => {
    const read = jest.fn(answer);
    const list = jest.fn(async () => LISTING);
    const blobs = makeMemoryBlobs();
    const parts = makeAuditParts(blobs);
    const access = { vault: jest.fn(() => Promise.reject(new TransientError(BUSY))) };
    const run = makeReadVault({ inventories: { list, read }, access, parts });
    return { blobs, parts, access, list, read, run };
  };

  test('writes it down, and reads it once', async () => {
    const { run, read, blobs } = over();
    await expect(run({ audit: AUDIT, name: 'contoso-kv' })).resolves.toEqual({});
    await expect(run({ audit: AUDIT, name: 'contoso-kv' })).resolves.toEqual({});
    expect(read).toHaveBeenCalledTimes(1);
    expect(blobs.names()).toEqual([`${AUDIT}/parts/vault-contoso-kv.json`]);
  });

  test('lists it once, and writes nothing down before all of it was read', async () => {
    const { run, parts, list, read } = over(async (_, after) =>
      after === undefined ? { kind: 'part', after: 'm' } : WHOLE,
    );
    const input = { audit: AUDIT, name: 'contoso-kv' };
    await expect(run(input)).resolves.toEqual({ after: 'm' });
    await expect(parts.has(AUDIT, { kind: 'vault', name: 'contoso-kv' })).resolves.toBe(false);
    await expect(run({ ...input, after: 'm' })).resolves.toEqual({});
    expect(read.mock.calls).toEqual([
      [LISTING, undefined],
      [LISTING, 'm'],
    ]);
    expect(list).toHaveBeenCalledTimes(1);
  });

  test('lists it anew where that was not written down, and goes on', async () => {
    const { run, list, read } = over();
    await run({ audit: AUDIT, name: 'contoso-kv', after: 'm' });
    expect(list).toHaveBeenCalledTimes(1);
    expect(read.mock.calls).toEqual([[LISTING, 'm']]);
  });

  test('says with the words of Resource Manager that the vault is gone', async () => {
    const { parts, read } = over();
    const list = () => Promise.reject(new TransientError(BUSY));
    const access = { vault: refuse(GONE) };
    const run = makeReadVault({ inventories: { list, read }, access, parts });
    expect(await refusalOf(run({ audit: AUDIT, name: 'contoso-kv' }))).toBe('VAULT_NOT_FOUND');
  });

  test('asks Resource Manager nothing where it is the storage that does not answer', async () => {
    const { parts, access, list, read } = over();
    const put = () => Promise.reject(new TransientError(BUSY));
    const run = makeReadVault({
      inventories: { list, read },
      ...{ access, parts: { ...parts, put } },
    });
    await expect(run({ audit: AUDIT, name: 'contoso-kv' })).rejects.toThrow(TransientError);
    expect(access.vault).not.toHaveBeenCalled();
  });

  test('says what the vault says where Resource Manager knows nothing of it', async () => {
    const refused = new TerminalError({ code: 'CERTKEEPER_FIREWALLED', message: 'no' });
    const { run } = over(() => Promise.reject(refused));
    expect(await refusalOf(run({ audit: AUDIT, name: 'contoso-kv' }))).toBe(
      'CERTKEEPER_FIREWALLED',
    );
  });
});

describe('Reading a service for an audit', () => {
  const service = makeService({
    clients: [makeClient()],
    workspaces: [{ name: 'team-a', certificates: [makeClient({ id: 'w' })] }],
  });

  test('writes it down with what uses its certificates, and reads it once', async () => {
    const parts = makeAuditParts(makeMemoryBlobs());
    const usage = makeUsage({ 'contoso-gw/certificates/gateway-client': IN_USE });
    const of = jest.fn(async () => usage);
    const read = jest.fn<ReturnType<ServiceInventories['read']>, [string]>(async () => service);
    const run = makeReadService({ inventories: { read }, usage: { of }, parts });
    await run({ audit: AUDIT, name: 'contoso-gw' });
    await run({ audit: AUDIT, name: 'contoso-gw' });
    expect(read).toHaveBeenCalledTimes(1);
    expect(of.mock.calls).toMatchObject([
      [
        'contoso-gw',
        [
          { target: { kind: 'client-certificate', service: 'contoso-gw' } },
          { target: { kind: 'workspace-certificate', workspace: 'team-a', id: 'w' } },
        ],
      ],
    ]);
    const all = [];
    for await (const part of parts.all(AUDIT)) all.push(part);
    expect(all).toEqual([{ ...service, usage }]);
  });
});

/** An audit in memory, from its parts to its reports. */
function world() {
  const blobs = makeMemoryBlobs();
  const table = makeMemoryTable();
  const parts = makeAuditParts(blobs);
  const reports = makeAuditReports(table, blobs);
  const acknowledgements = makeAcknowledgements(table);
  const care = {
    vaults: [{ name: 'contoso-kv', id: '/kv' }],
    services: [{ name: 'contoso-gw', id: '/gw' }],
  };
  const compose = makeComposeAudit({
    ...{ ...care, parts, reports, acknowledgements, reader: makeReportReader(reports) },
    ledger: makeMemoryLedger([makeBound()]),
    undelivered: async () => [],
    marks: async () => [],
    keepBackup: async () => undefined,
    render: renderReport,
    settings: { expiryDays: [30, 14, 7] },
    publicIssuers: () => [],
    vaultSuffix: 'vault.azure.net',
  });
  const run = (audit = AUDIT) =>
    compose({ audit, by: PLATFORM, startedAt: AT, completedAt: '2026-11-28T02:05:00.000Z' });
  const note = makeNoteUnreadable({ ...care, parts });
  const reportOf = (audit = AUDIT): Promise<AuditReport> => wholeReport(reports, audit);
  return { blobs, parts, reports, acknowledgements, run, note, reportOf };
}

const unused = makeService({
  clients: [makeClient()],
  usage: makeUsage({ 'contoso-gw/certificates/gateway-client': UNUSED }),
});

describe('The report of an audit', () => {
  test('is written down in every form, and answered in a line', async () => {
    const { run, parts, reports, blobs, reportOf } = world();
    await parts.put(AUDIT, makeVault());
    await parts.put(AUDIT, unused);
    const headline = await run();
    const report = await reportOf();
    const { nextDates: _, ...told } = report.headline;
    expect(headline).toEqual(told);
    expect(report).toMatchObject({ id: AUDIT, requestedBy: PLATFORM, startedAt: AT });
    expect(report.findings.map(({ code }) => code)).toContain('USED_BY_NOTHING');
    const files = blobs.names().filter((name) => !name.includes('/parts/'));
    expect(files.map((name) => name.split('/')[1])).toEqual([
      ...['findings.csv', 'report.csv', 'report.html', 'report.json', 'summary.md'],
    ]);
    await expect(reports.find(AUDIT)).resolves.toMatchObject({ vaults: 1, services: 1 });
  });

  test('is the same when it is made again', async () => {
    const { run, parts, blobs } = world();
    await parts.put(AUDIT, makeVault());
    await parts.put(AUDIT, unused);
    await run();
    const before = new Map<string, string>();
    for (const name of blobs.names()) {
      before.set(name, Buffer.from((await blobs.get(name)) ?? []).toString());
    }
    await run();
    for (const name of blobs.names()) {
      expect(Buffer.from((await blobs.get(name)) ?? []).toString()).toBe(before.get(name));
    }
  });

  test('says what changed since the one before it that can be read', async () => {
    const { run, parts, reportOf, blobs } = world();
    const [first, broken] = ['20261126T020000Z-000001', '20261127T020000Z-000001'];
    await parts.put(first, makeVault());
    await parts.put(first, makeService());
    await run(first);
    await run(broken);
    await blobs.put(`${broken}/report.json`, Buffer.from('{"of":"another version"}'));
    await parts.put(AUDIT, makeVault());
    await parts.put(AUDIT, unused);
    await run();
    const report = await reportOf();
    expect(report.changes?.since.id).toBe(first);
    const appeared = report.findings.filter(({ id }) => report.changes?.appeared.includes(id));
    expect(appeared.map(({ code }) => code)).toContain('USED_BY_NOTHING');
  });

  test('has as a finding what could not be read, and what nobody knows why', async () => {
    const { run, note, reportOf } = world();
    const refused = { code: 'CERTKEEPER_PERMISSION_MISSING', message: 'no role' } as const;
    await note({ audit: AUDIT, kind: 'service', name: 'contoso-gw', problem: refused, at: AT });
    await note({ audit: AUDIT, kind: 'service', name: 'elsewhere', problem: refused, at: AT });
    await run();
    const report = await reportOf();
    expect(report.scope.services).toMatchObject([{ name: 'contoso-gw', unreadable: refused }]);
    expect(report.scope.services[0]).not.toHaveProperty('tier');
    expect(report.scope.vaults).toMatchObject([
      { name: 'contoso-kv', unreadable: { code: 'INTERNAL_ERROR' } },
    ]);
    expect(report.findings).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: 'SERVICE_UNREADABLE', about: 'contoso-gw' }),
        expect.objectContaining({ code: 'VAULT_UNREADABLE', about: 'contoso-kv' }),
      ]),
    );
  });

  test('counts apart what somebody has acknowledged', async () => {
    const { run, parts, reportOf, acknowledgements } = world();
    await parts.put(AUDIT, makeVault());
    await parts.put(AUDIT, unused);
    await run();
    const found = (await reportOf()).findings.find(({ code }) => code === 'USED_BY_NOTHING');
    const acknowledged = { reason: 'Kept.', until: '2027-01-31', from: 'http' } as const;
    await acknowledgements.put(found?.id ?? '', acknowledged);
    await expect(run()).resolves.toMatchObject({ acknowledged: 1 });
    const again = (await reportOf()).findings.find(({ id }) => id === found?.id);
    expect(again?.acknowledged).toEqual(acknowledged);
  });
});

test('Tidying takes the parts away, and the reports that are old', async () => {
  const { blobs, parts, reports, run } = world();
  const old = '20260801T020000Z-000001';
  await run(old);
  await parts.put(AUDIT, makeVault());
  await run();
  // One that somebody ended half-way, and one that may still go on.
  const [ended, going] = ['20261127T010000Z-000001', '20261127T030000Z-000001'];
  for (const audit of [ended, going]) {
    await parts.put(audit, makeVault());
    await parts.putListing(audit, {
      ...{ vault: 'contoso-kv', readAt: AT, certificates: [], wanted: [] },
    });
  }
  const forget = jest.fn(async () => 0);
  const keepSeconds = 90 * 86_400;
  const tidy = makeTidyAudits({ parts, reports, backups: { forget }, keepSeconds });
  await expect(tidy({ audit: AUDIT, at: AT })).resolves.toEqual({ forgotten: 1 });
  await expect(tidy({ audit: AUDIT, at: AT })).resolves.toEqual({ forgotten: 0 });
  const left = blobs.names().filter((name) => /parts|listings/.test(name));
  expect(left).toEqual([
    `${going}/listings/contoso-kv.json`,
    `${going}/parts/vault-contoso-kv.json`,
  ]);
  await expect(reports.find(AUDIT)).resolves.toBeDefined();
  await expect(reports.find(old)).resolves.toBeUndefined();
  expect(forget).toHaveBeenCalledWith('2026-08-30T02:00:00.000Z');
});
