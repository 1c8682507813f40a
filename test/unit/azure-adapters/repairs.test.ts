import { makeRepairs } from '../../../shared/azure/repairs/repairs.ts';
import type { Repair } from '../../../shared/domain/repair.ts';
import type { Repairs } from '../../../shared/domain/repair-ports.ts';
import {
  NOW,
  OLD_THUMBPRINT,
  SOURCE,
  TARGET,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const repair = (id: string, more: Partial<Repair> = {}): Repair => ({
  id,
  source: SOURCE,
  target: TARGET,
  document: 'apis/orders;rev=2/policies/policy',
  thumbprint: OLD_THUMBPRINT,
  status: 'intended',
  change: { kind: 'policy', copy: `${id}.xml`, before: 'a', after: 'b' },
  at: NOW,
  operation: 'sync-1',
  by: { kind: 'platform' },
  ...more,
});
const idsOf = async (repairs: Repairs, after?: string) => {
  const ids = [];
  for await (const one of repairs.list(after)) ids.push(one.repair.id);
  return ids;
};

describe('The ledger of repairs', () => {
  test.each<[sentence: string, more: Partial<Repair>]>([
    ['of a policy', {}],
    [
      'of a backend, with the names of its certificates',
      {
        change: {
          kind: 'backend',
          before: { thumbprints: [OLD_THUMBPRINT], ids: [], cluster: { thumbprint: 'x' } },
          after: { thumbprints: [], ids: ['/certificates/a'], cluster: { id: '/certificates/a' } },
        },
      },
    ],
    [
      'of a named value in a workspace, which was undone',
      {
        target: WORKSPACE_TARGET,
        change: { kind: 'named-value', before: 'a', after: 'b' },
        status: 'undone',
        repairedAt: NOW,
        etag: '"7"',
        undoneAt: NOW,
        undoneBy: { kind: 'entra', id: 'an-id', name: 'Ann' },
      },
    ],
  ])('gives back what it was given: a repair %s', async (_, more) => {
    const repairs = makeRepairs(makeMemoryTable());
    const one = repair('8000000000001-0000000000000001', more);
    await repairs.save(one);
    await expect(repairs.find(one.id)).resolves.toMatchObject({ repair: one });
    await expect(repairs.find('8000000000001-0000000000000002')).resolves.toBeUndefined();
  });

  test('lists what is newest first, and goes on from where a page ended', async () => {
    const repairs = makeRepairs(makeMemoryTable());
    // Ids count down with time.
    const ids = ['8000000000003-a', '8000000000001-b', '8000000000002-c', '8000000000002-d'];
    for (const id of ids) await repairs.save(repair(id));
    const inOrder = [...ids].sort();
    await expect(idsOf(repairs)).resolves.toEqual(inOrder);
    await expect(idsOf(repairs, inOrder[1])).resolves.toEqual(inOrder.slice(2));
  });

  test('is not written over by who read it before somebody else wrote it', async () => {
    const repairs = makeRepairs(makeMemoryTable());
    const one = repair('8000000000001-a');
    await repairs.save(one);
    const read = await repairs.find(one.id);
    if (read === undefined) throw new Error('it is there');
    await expect(repairs.replace(read, { ...one, status: 'undone' })).resolves.toBe(true);
    await expect(repairs.replace(read, { ...one, status: 'repaired' })).resolves.toBe(false);
    await expect(repairs.find(one.id)).resolves.toMatchObject({ repair: { status: 'undone' } });
  });

  test('leaves out what it cannot read, says so when that is asked for, and tries anew', async () => {
    const table = makeMemoryTable();
    const repairs = makeRepairs(table);
    await repairs.save(repair('8000000000001-0000000000000001'));
    const spoilt = '8000000000000-0000000000000001';
    await table.put([
      { partition: 'repairs', key: spoilt, document: { id: spoilt } },
      { partition: 'refusals', key: 'a', document: { id: 7 } },
    ]);
    await expect(idsOf(repairs)).resolves.toEqual(['8000000000001-0000000000000001']);
    await expect(repairs.find(spoilt)).rejects.toMatchObject({
      problem: { code: 'RECORD_UNREADABLE' },
    });
    await expect(repairs.refusal('a')).resolves.toBeUndefined();
  });
});
