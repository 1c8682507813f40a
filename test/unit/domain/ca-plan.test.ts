import * as fc from 'fast-check';
import { caKey, CA_LIMIT, type CaEntry } from '../../../shared/domain/ca-entry.ts';
import { planCaUpdate } from '../../../shared/domain/ca-plan.ts';
import type { CaChange } from '../../../shared/domain/ca-record.ts';

const entry = (number: number, store: CaEntry['store'] = 'Root'): CaEntry => ({
  store,
  thumbprint: String(number).padStart(40, '0'),
  subject: `CN=ca-${String(number)}`,
});
const change = (kind: CaChange['kind'], of: CaEntry, more: Partial<CaChange> = {}): CaChange => ({
  ...of,
  ...{ id: `${kind}-${caKey(of)}`, kind, at: '2026-11-27T12:00:00.000Z' },
  by: { kind: 'function-key' },
  ...more,
});
const known = (...entries: readonly CaEntry[]) => new Set(entries.map((one) => one.thumbprint));
const plan = (
  present: readonly CaEntry[],
  knows: ReadonlySet<string>,
  changes: readonly CaChange[],
) => planCaUpdate('contoso-gw', { entries: present }, knows, changes);
const ten = Array.from({ length: CA_LIMIT }, (_, number) => entry(number));
const [one, two, three] = [entry(1), entry(2), entry(3)];

describe('the store after an update', () => {
  it('holds what it held, in its order, and then what is new', () => {
    expect(plan([two, one], known(one, two, three), [change('add', three)])).toEqual({
      kind: 'update',
      wanted: [two, one, three],
      refused: [],
    });
  });

  it('lacks what somebody asked to remove, and nothing else', () => {
    const removal = [change('remove', two)];
    expect(plan([one, two, three], known(one, two, three), removal)).toEqual({
      kind: 'update',
      wanted: [one, three],
      refused: [],
    });
  });

  it('has the same certificate twice where it stands in both stores', () => {
    const other = entry(1, 'CertificateAuthority');
    expect(plan([one], known(one), [change('add', other)])).toMatchObject({ wanted: [one, other] });
  });
});

describe('nothing is to be done', () => {
  test.each<[string, readonly CaEntry[], readonly CaChange[]]>([
    ['when what is to come is there', [one], [change('add', one)]],
    ['when what is to go is not there', [one], [change('remove', two)]],
    ['when nobody asked for anything', [one], []],
  ])('%s', (_, present, changes) => {
    expect(plan(present, known(one, two), changes)).toEqual({ kind: 'nothing', refused: [] });
  });

  it('even where there are entries without a copy: nothing is sent', () => {
    expect(plan([one, two], known(), [change('add', one)])).toMatchObject({ kind: 'nothing' });
  });
});

describe('what cannot be sent again', () => {
  it('blocks every update, and is listed with its cure', () => {
    const blocked = plan([one, two], known(one, three), [change('add', three)]);
    expect(blocked).toMatchObject({ kind: 'blocked', problem: { code: 'CA_ENTRIES_UNKNOWN' } });
    const { problem } = blocked as Extract<typeof blocked, { kind: 'blocked' }>;
    expect(problem.message).toContain(`Root/${two.thumbprint} (CN=ca-2)`);
    expect(problem.message).not.toContain(one.thumbprint);
    expect(problem.cure).toContain(`Root/${two.thumbprint}?unknown=drop`);
  });

  it('is to be deleted in the portal when it has no thumbprint to name it by', () => {
    const nameless = { store: 'Root', thumbprint: '', subject: 'CN=old' } as const;
    const alone = plan([nameless, one], known(one, three), [change('add', three)]);
    const { problem } = alone as Extract<typeof alone, { kind: 'blocked' }>;
    expect(problem.message).toContain('an entry of Root without a thumbprint (CN=old)');
    expect(problem.cure).toMatch(/^An entry without a thumbprint .* in the Azure portal/);
    expect(problem.cure).not.toContain('unknown=drop');
    const both = plan([nameless, two], known(three), [change('add', three)]);
    expect(both).toMatchObject({
      problem: {
        cure: expect.stringContaining(`Root/${two.thumbprint}?unknown=drop An entry`) as string,
      },
    });
  });

  it('may leave when it is named and said to be lost', () => {
    const removal = [change('remove', two, { unknownToo: true })];
    expect(plan([one, two], known(one), removal)).toMatchObject({ wanted: [one] });
  });

  it('does not leave when nobody said that it may be lost', () => {
    expect(plan([two], known(), [change('remove', two)])).toMatchObject({
      kind: 'nothing',
      refused: [{ problem: { code: 'CA_ENTRIES_UNKNOWN' } }],
    });
  });
});

describe('the limit', () => {
  it('refuses what is beyond it, and takes the rest', () => {
    const more = [change('add', entry(20)), change('add', entry(21))];
    const all = known(...ten, entry(20), entry(21));
    expect(plan(ten.slice(1), all, more)).toMatchObject({
      wanted: [...ten.slice(1), entry(20)],
      refused: [
        { change: { thumbprint: entry(21).thumbprint }, problem: { code: 'CA_LIMIT_REACHED' } },
      ],
    });
  });

  it('counts what the same update removes', () => {
    const changes = [change('add', entry(20)), change('remove', entry(0))];
    expect(plan(ten, known(...ten, entry(20)), changes)).toMatchObject({
      wanted: [...ten.slice(1), entry(20)],
      refused: [],
    });
  });
});

test('whatever is there, known and asked for: nothing leaves that nobody asked to remove', () => {
  const places = fc
    .record({ number: fc.nat(14), store: fc.constantFrom('Root', 'CertificateAuthority') })
    .map(({ number, store }) => entry(number, store));
  const some = fc.uniqueArray(places, { selector: caKey, maxLength: 12 });
  const changes = fc.array(
    fc
      .tuple(fc.constantFrom('add' as const, 'remove' as const), places, fc.boolean())
      .map(([kind, of, too]) => change(kind, of, too ? { unknownToo: true } : {})),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(some, some, changes, (present, knows, asked) => {
      const planned = plan(present, known(...knows), asked);
      if (planned.kind !== 'update') return;
      const wanted = planned.wanted.map(caKey);
      const removals = asked.filter(({ kind }) => kind === 'remove').map(caKey);
      const additions = asked.filter(({ kind }) => kind === 'add').map(caKey);
      for (const place of present.map(caKey)) {
        expect(wanted.includes(place) || removals.includes(place)).toBe(true);
      }
      for (const place of wanted) {
        expect(present.map(caKey).includes(place) || additions.includes(place)).toBe(true);
      }
      expect(planned.wanted.every(({ thumbprint }) => known(...knows).has(thumbprint))).toBe(true);
      expect(new Set(wanted).size).toBe(wanted.length);
      expect(wanted.length).toBeLessThanOrEqual(Math.max(CA_LIMIT, present.length));
    }),
  );
});
