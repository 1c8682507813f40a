import fc from 'fast-check';
import { makeLedger } from '../../../shared/azure/ledger.ts';
import { encodeKey } from '../../../shared/azure/tables.ts';
import type { AccessRecord } from '../../../shared/domain/access-record.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { Orphan } from '../../../shared/domain/cleanup.ts';
import { compareSources } from '../../../shared/domain/certificate-list.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import { anySource, anyTarget } from '../../support/any-target.ts';
import {
  makeBinding,
  makeLooks,
  NEW_VERSION,
  NOW,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  OLD_VERSION,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryTable } from '../../support/memory-table.ts';

const ANOTHER = { ...TARGET, id: 'another' };

describe('The ledger', () => {
  test('knows nothing of a source that it never saw', async () => {
    await expect(makeLedger(makeMemoryTable()).ofSource(SOURCE)).resolves.toEqual({
      record: { source: SOURCE, problems: [] },
      bindings: [],
    });
  });

  test('answers what was saved, whatever kind of target and whatever source', async () => {
    await fc.assert(
      fc.asyncProperty(anySource, anyTarget, fc.boolean(), async (source, target, claimed) => {
        const ledger = makeLedger(makeMemoryTable());
        const binding: Binding = { ...makeBinding({ problem: PROBLEM }), source, target, claimed };
        const record = { source, thumbprint: 'A', enabled: true, problems: [PROBLEM] };
        await ledger.save(record, [binding]);
        await expect(ledger.ofSource(source)).resolves.toEqual({ record, bindings: [binding] });
        await ledger.claim(source, target);
        await ledger.release(source, [target]);
        await expect(ledger.ofSource(source)).resolves.toEqual({ record, bindings: [] });
        await expect(ledger.claim(OTHER_SOURCE, target)).resolves.toBe('new');
      }),
    );
  });

  test('keeps orphans in rows that a sync does not write, for as long as they are bound', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const record = { source: SOURCE, problems: [] };
    const orphan: Orphan = {
      target: TARGET,
      fate: 'purged',
      since: NOW,
      seenAt: NOW,
      recoverableUntil: NOW,
      tracelessSince: NOW,
      handsOff: true,
      judged: true,
      doubted: { told: false },
      kept: PROBLEM,
      removeAfter: NOW,
      told: true,
      backAt: NOW,
    };
    const orphans = async () => (await ledger.ofSource(SOURCE)).orphans;
    await ledger.save(record, [makeBinding(), makeBinding({ target: ANOTHER })]);
    await ledger.saveOrphans(SOURCE, [orphan, { ...orphan, target: ANOTHER }]);
    await ledger.save(record, [makeBinding()]);
    await expect(orphans()).resolves.toEqual(
      expect.arrayContaining([orphan, { ...orphan, target: ANOTHER }]),
    );
    await ledger.clearOrphans(SOURCE, [ANOTHER]);
    await expect(orphans()).resolves.toEqual([orphan]);
    await ledger.release(SOURCE, [TARGET]);
    await expect(orphans()).resolves.toBeUndefined();
  });

  test('keeps how the access of bindings stands in rows that a sync does not write', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const record = { source: SOURCE, problems: [] };
    const access: AccessRecord = {
      target: TARGET,
      verdict: 'blocks',
      problems: [PROBLEM],
      checkedAt: NOW,
      since: NOW,
      told: ['PERMISSION_MISSING'],
    };
    await ledger.save(record, [makeBinding()]);
    await ledger.saveAccess(SOURCE, [access]);
    await ledger.save(record, [makeBinding({ status: 'blocked' })]);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({
      bindings: [{ status: 'blocked' }],
      access: [access],
    });
    await ledger.release(SOURCE, [TARGET]);
    await expect(ledger.ofSource(SOURCE)).resolves.toEqual({ record, bindings: [] });
    await ledger.saveBinding(makeBinding());
    await expect(ledger.ofSource(SOURCE)).resolves.not.toHaveProperty('access');
  });

  test('shows no access of a binding that was given up while it was checked', async () => {
    const ledger = makeLedger(makeMemoryTable());
    await ledger.saveAccess(SOURCE, [
      { target: TARGET, verdict: 'clear', problems: [], checkedAt: NOW, since: NOW, told: [] },
    ]);
    await expect(ledger.ofSource(SOURCE)).resolves.not.toHaveProperty('access');
  });

  test('leaves alone what it cannot read of a binding, and says so', async () => {
    const table = makeMemoryTable();
    const ledger = makeLedger(table);
    await ledger.saveBinding(makeBinding());
    const partition = 'source|contoso-kv|gateway-client';
    const row = await table.get(partition, `binding|${encodeKey(targetKey(TARGET))}`);
    const document = { ...Object(row?.document), target: 'contoso-gw/tomorrow/x' } as unknown;
    await table.put([{ partition, key: 'binding|tomorrow', document }]);
    const { bindings, unreadable } = await ledger.ofSource(SOURCE);
    expect(bindings).toEqual([makeBinding()]);
    expect(unreadable).toEqual([
      {
        code: 'RECORD_UNREADABLE',
        message: expect.stringContaining(
          'a binding of contoso-kv/gateway-client to "contoso-gw/tomorrow/x"',
        ) as unknown,
        resource: 'contoso-gw/tomorrow/x',
        cure: expect.any(String) as unknown,
      },
    ]);
  });

  test('answers what is known of a source alone', async () => {
    const ledger = makeLedger(makeMemoryTable());
    await expect(ledger.record(SOURCE)).resolves.toEqual({ source: SOURCE, problems: [] });
    const record = { source: SOURCE, unbound: true, problems: [PROBLEM] };
    await ledger.save(record, [makeBinding()]);
    await expect(ledger.record(SOURCE)).resolves.toEqual(record);
  });

  test('keeps an approval, whatever a sync writes', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const approval = {
      version: NEW_VERSION,
      by: { kind: 'entra', id: 'an-id', name: 'Ann' },
      at: NOW,
    } as const;
    await ledger.approve(SOURCE, approval, 'looks');
    await ledger.save({ source: SOURCE, problems: [] }, []);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({ approval });
  });

  test('keeps to what somebody went back last, whatever a sync writes', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const by = { kind: 'entra', id: 'an-id' } as const;
    await ledger.goBack(SOURCE, { thumbprint: NEW_THUMBPRINT, by, at: NOW });
    await ledger.goBack(SOURCE, { thumbprint: OLD_THUMBPRINT, by, at: NOW });
    await ledger.save({ source: SOURCE, problems: [] }, []);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({
      rollback: { thumbprint: OLD_THUMBPRINT, by, at: NOW },
    });
  });

  test('keeps an approval of what a version breaks beside that of how it looks', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const by = { kind: 'entra', id: 'an-id' } as const;
    await ledger.approve(SOURCE, { version: OLD_VERSION, by, at: NOW }, 'looks');
    await ledger.approve(SOURCE, { version: NEW_VERSION, by, at: NOW }, 'breaking');
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({
      approval: { version: OLD_VERSION },
      breakingApproval: { version: NEW_VERSION },
    });
  });

  test('keeps what a rotation broke, and the leave to remove what may be in use', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const binding = makeBinding({
      leaving: true,
      forced: true,
      broken: { thumbprints: [OLD_THUMBPRINT], problems: [PROBLEM] },
    });
    await ledger.saveBinding(binding);
    await expect(ledger.binding(SOURCE, binding.target)).resolves.toEqual(binding);
  });

  test('keeps what the verified version looks like, and what looks wrong about its successor', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const record = {
      source: SOURCE,
      verified: { version: OLD_VERSION, looks: makeLooks() },
      suspect: { version: NEW_VERSION, problem: PROBLEM },
      problems: [],
    };
    await ledger.save(record, []);
    await expect(ledger.record(SOURCE)).resolves.toEqual(record);
  });

  test('lets a target belong to one source, in whatever case it is written', async () => {
    const ledger = makeLedger(makeMemoryTable());
    await expect(ledger.claim(SOURCE, TARGET)).resolves.toBe('new');
    await expect(ledger.claim(SOURCE, TARGET)).resolves.toBe('held');
    await expect(ledger.claim(OTHER_SOURCE, { ...TARGET, id: 'GATEWAY-client' })).resolves.toBe(
      'taken',
    );
    await expect(ledger.claimsOf('contoso-gw')).resolves.toEqual(
      new Map([[targetKey(TARGET), SOURCE]]),
    );
    await expect(ledger.claimsOf('contoso')).resolves.toEqual(new Map());
  });

  test('gives one of many who claim at once the target, and tells the others', async () => {
    const ledger = makeLedger(makeMemoryTable());
    const sources = Array.from({ length: 20 }, (_, index) => ({
      ...SOURCE,
      name: `n${String(index)}`,
    }));
    const answers = await Promise.all(sources.map((source) => ledger.claim(source, TARGET)));
    expect(answers.sort()).toEqual(['new', ...Array.from({ length: 19 }, () => 'taken')]);
  });

  test('gives up what is asked for, and no claim of another', async () => {
    const ledger = makeLedger(makeMemoryTable());
    await ledger.claim(SOURCE, TARGET);
    await ledger.claim(OTHER_SOURCE, ANOTHER);
    await ledger.save({ source: SOURCE, problems: [] }, [
      makeBinding(),
      makeBinding({ target: ANOTHER, claimed: false }),
    ]);
    await ledger.release(SOURCE, [TARGET, ANOTHER]);
    await expect(ledger.ofSource(SOURCE)).resolves.toMatchObject({ bindings: [] });
    await expect(ledger.claimsOf('contoso-gw')).resolves.toEqual(
      new Map([[targetKey(ANOTHER), OTHER_SOURCE]]),
    );
  });

  test('leaves a claim that another source made while it was giving its own up', async () => {
    const table = makeMemoryTable();
    const ledger = makeLedger(table);
    await ledger.claim(SOURCE, TARGET);
    // The same giving up runs twice; the other one ends, and another source takes the target.
    const slow = makeLedger({
      ...table,
      async remove(partition, key, etag) {
        if (key.startsWith('binding')) {
          await ledger.release(SOURCE, [TARGET]);
          await ledger.claim(OTHER_SOURCE, TARGET);
        }
        await table.remove(partition, key, etag);
      },
    });
    await slow.release(SOURCE, [TARGET]);
    await expect(ledger.claim(OTHER_SOURCE, TARGET)).resolves.toBe('held');
  });

  test("lists every source of a vault with its bindings, and no other vault's", async () => {
    const ledger = makeLedger(makeMemoryTable());
    const sources = [
      { vault: 'contoso-kv', name: 'b' },
      { vault: 'contoso-kv', name: 'a' },
      { vault: 'contoso-kv-2', name: 'a' },
      { vault: 'contoso', name: 'z' },
    ];
    for (const source of sources) {
      await ledger.claim(source, { ...TARGET, id: `${source.vault}-${source.name}` });
      await ledger.saveBinding(makeBinding({ source }));
    }
    const named = async (vault?: string) => {
      const names: string[] = [];
      for await (const { record, bindings } of ledger.all(vault)) {
        names.push(`${record.source.vault}/${record.source.name} ${String(bindings.length)}`);
      }
      return names;
    };
    await expect(named('contoso-kv')).resolves.toEqual(['contoso-kv/a 1', 'contoso-kv/b 1']);
    await expect(named()).resolves.toHaveLength(4);
  });
});

test('The ledger lists what comes after a source, in the order that is promised', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anySource, { minLength: 1, maxLength: 8 }),
      anySource,
      fc.boolean(),
      async (sources, other, among) => {
        const ledger = makeLedger(makeMemoryTable());
        for (const source of sources) await ledger.saveBinding(makeBinding({ source }));
        const after = among ? (sources[0] ?? other) : other;
        for (const vault of [undefined, sources[0]?.vault]) {
          const listed = [];
          for await (const { record } of ledger.all(vault, after)) listed.push(record.source);
          const expected = sources
            .filter((one) => vault === undefined || one.vault === vault)
            .filter((one) => compareSources(one, after) > 0)
            .sort(compareSources);
          const distinct = expected.filter(
            (one, at) => at === 0 || compareSources(one, expected[at - 1] ?? other) !== 0,
          );
          expect(listed).toEqual(distinct);
        }
      },
    ),
  );
});

describe('A text as a table key', () => {
  test('holds nothing that table storage refuses, and no two texts share one', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).filter((one) => one.isWellFormed());
    fc.assert(
      fc.property(text, text, (one, another) => {
        expect(encodeKey(one)).toMatch(/^[A-Za-z0-9_.!~*()=-]*$/);
        expect(encodeKey(one) === encodeKey(another)).toBe(one === another);
      }),
    );
  });
});
