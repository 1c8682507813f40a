import { makeAcknowledgements } from '../../../../shared/azure/audit/acknowledgements.ts';
import { makeAuditParts } from '../../../../shared/azure/audit/audit-parts.ts';
import { makeAuditReports } from '../../../../shared/azure/audit/audit-reports.ts';
import { toSummary, type AuditSummary } from '../../../../shared/domain/audit/audit-summary.ts';
import { toAuditId } from '../../../../shared/domain/audit/audit-id.ts';
import type { Acknowledgement } from '../../../../shared/domain/audit/audit-report.ts';
import type { InventoryPart } from '../../../../shared/domain/audit/inventory.ts';
import { makeService, makeVault, report } from '../../../support/audit/make-facts.ts';
import { makeMemoryBlobs, type MemoryBlobs } from '../../../support/memory-blobs.ts';
import { makeMemoryTable, type Table } from '../../../support/memory-table.ts';

const AUDIT = '20261128T020000Z-3f9c1a';

async function gather<One>(all: AsyncIterable<One>): Promise<One[]> {
  const found: One[] = [];
  for await (const one of all) found.push(one);
  return found;
}

describe('The parts of an audit', () => {
  test('are there again as they were written, and no others', async () => {
    const blobs = makeMemoryBlobs();
    const parts = makeAuditParts(blobs);
    const many: InventoryPart[] = [
      makeVault(),
      ...Array.from({ length: 20 }, (_, at) => makeService({ name: `gw-${String(at)}` })),
    ];
    for (const part of many) await parts.put(AUDIT, part);
    await parts.put('20261129T020000Z-000000', makeVault());
    const found = await gather(parts.all(AUDIT));
    const byName = (all: readonly InventoryPart[]) =>
      new Map(all.map((one) => [`${one.kind} ${one.name}`, one]));
    expect(byName(found)).toEqual(byName(many));
    expect(found).toHaveLength(many.length);
  });

  test('are known by kind and name, so that none is read twice', async () => {
    const parts = makeAuditParts(makeMemoryBlobs());
    await parts.put(AUDIT, makeVault({ name: 'contoso' }));
    await expect(parts.has(AUDIT, { kind: 'vault', name: 'contoso' })).resolves.toBe(true);
    await expect(parts.has(AUDIT, { kind: 'service', name: 'contoso' })).resolves.toBe(false);
    await expect(parts.has(AUDIT, { kind: 'vault', name: 'contoso-kv' })).resolves.toBe(false);
  });

  test('go, and nothing else of the audit', async () => {
    const blobs = makeMemoryBlobs();
    const parts = makeAuditParts(blobs);
    for (let at = 0; at < 20; at += 1) await parts.put(AUDIT, makeService({ name: `gw${at}` }));
    await blobs.put(`${AUDIT}/report.json`, Buffer.from('{}'));
    await parts.drop(AUDIT);
    expect(blobs.names()).toEqual([`${AUDIT}/report.json`]);
    await parts.drop(AUDIT);
  });
});

describe('Reports', () => {
  const summaryAt = (at: string): AuditSummary => ({
    ...toSummary(report({ startedAt: at, completedAt: at })),
    id: toAuditId(at, 'abcdef'),
  });
  const DAYS = ['2026-11-26', '2026-11-27', '2026-11-28'].map((day) => `${day}T02:00:00.500Z`);
  const render = async (form: string) => [`a report as `, form];
  const over = async (table: Table = makeMemoryTable(), blobs: MemoryBlobs = makeMemoryBlobs()) => {
    const reports = makeAuditReports(table, blobs);
    const made = DAYS.map(summaryAt);
    for (const summary of made) await reports.add(summary, render);
    return { reports, blobs, table, made };
  };

  test('are listed newest first, from any of them on', async () => {
    const { reports, made } = await over();
    const [first, second, third] = made;
    expect(await gather(reports.list())).toEqual([third, second, first]);
    expect(await gather(reports.list(third?.id))).toEqual([second, first]);
    expect(await gather(reports.list(first?.id))).toEqual([]);
  });

  test('of one second are in the order in which they were made', async () => {
    const reports = makeAuditReports(makeMemoryTable(), makeMemoryBlobs());
    const moments = ['000', '007', '450', '999'].map((ms) => `2026-11-28T02:00:00.${ms}Z`);
    const made = moments.map(summaryAt);
    for (const summary of made.toReversed()) await reports.add(summary, render);
    expect(await gather(reports.list())).toEqual(made.toReversed());
  });

  test('are there in every form', async () => {
    const { reports, made } = await over();
    const { id = '' } = made[1] ?? {};
    await expect(reports.find(id)).resolves.toEqual(made[1]);
    for (const form of ['json', 'csv', 'findings-csv', 'md', 'html'] as const) {
      const bytes = await reports.read(id, form);
      expect(Buffer.from(bytes ?? []).toString()).toBe(`a report as ${form}`);
    }
  });

  test('are not listed before all of their forms are written', async () => {
    const reports = makeAuditReports(makeMemoryTable(), makeMemoryBlobs());
    const broken = reports.add(summaryAt('2026-11-28T02:00:00.000Z'), (form) =>
      form === 'html' ? Promise.reject(new Error('no page')) : render(form),
    );
    await expect(broken).rejects.toThrow('no page');
    expect(await gather(reports.list())).toEqual([]);
  });

  test.each(['20261128T020000Z-000000', 'latest', '../x', '20269928T020000Z-abcdef'])(
    'are none under the id %s',
    async (id) => {
      await expect((await over()).reports.find(id)).resolves.toBeUndefined();
    },
  );

  test('that are old are forgotten with all that is theirs, and what no report was made of', async () => {
    const { reports, blobs, made } = await over();
    await makeAuditParts(blobs).put('20261125T020000Z-000000', makeVault());
    await expect(reports.forget('2026-11-27T12:00:00.000Z')).resolves.toBe(2);
    expect(await gather(reports.list())).toEqual([made[2]]);
    const { id = '' } = made[2] ?? {};
    expect(blobs.names().every((name) => name.startsWith(`${id}/`))).toBe(true);
    await expect(reports.forget('2026-11-27T12:00:00.000Z')).resolves.toBe(0);
  });

  test('are written again as they were', async () => {
    const { reports, made } = await over();
    const [, , last] = made;
    if (last !== undefined) await reports.add(last, render);
    expect(await gather(reports.list())).toHaveLength(3);
  });
});

describe('Acknowledgements', () => {
  const ONE: Acknowledgement = {
    ...{ reason: 'Kept for a roll-back.', until: '2027-03-31', from: 'http' },
    by: { kind: 'entra', id: 'p', name: 'Pat' },
  };

  test('are there by the id of their finding, whatever it holds', async () => {
    const acknowledgements = makeAcknowledgements(makeMemoryTable());
    const ids = ['used-by-nothing-1f86c7013757f2ed', 'a/b\\c#d?e|f'];
    for (const id of ids) await acknowledgements.put(id, ONE);
    expect(await acknowledgements.all()).toEqual(new Map(ids.map((id) => [id, ONE])));
  });

  test('are replaced, and taken back once', async () => {
    const acknowledgements = makeAcknowledgements(makeMemoryTable());
    await acknowledgements.put('a', ONE);
    await acknowledgements.put('a', { ...ONE, until: '2027-04-30' });
    expect((await acknowledgements.all()).get('a')).toMatchObject({ until: '2027-04-30' });
    await expect(acknowledgements.remove('a')).resolves.toBe(true);
    await expect(acknowledgements.remove('a')).resolves.toBe(false);
    expect(await acknowledgements.all()).toEqual(new Map());
  });

  test('that cannot be read acknowledge nothing', async () => {
    const table = makeMemoryTable();
    await table.put([{ partition: 'acknowledged', key: 'a', document: { reason: 5 } }]);
    expect(await makeAcknowledgements(table).all()).toEqual(new Map());
  });
});
