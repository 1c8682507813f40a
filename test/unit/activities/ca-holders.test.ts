/** Who becomes a holder of an entry, or ceases to be one, while something else is going on. */
import { makeSurveyCaStore } from '../../../functions/activities/ca/survey-ca-store.ts';
import { formatSource } from '../../../shared/domain/source.ts';
import { CA_SOURCES, makeCaSources, type CaSources } from '../../support/ca-sources.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { makeBinding, OTHER_SOURCE, SOURCE } from '../../support/domain-samples.ts';
import { refusalOf } from '../../support/refusal.ts';

const { TARGET, DAY } = CA_SOURCES;
const key = (number: number): string => `Root/${sampleCa(number).entry.thumbprint}`;
const record = async ({ service }: CaSources) => (await service.ledger.read(SERVICE)).record;
const holders = async (all: CaSources): Promise<readonly string[]> =>
  (await record(all)).held.flatMap((held) =>
    held.holders.map((one) => (one.kind === 'source' ? formatSource(one.source) : one.kind)),
  );
/** Everything that began has come to its end. */
const rest = ({ service }: CaSources) => service.finish();

describe('an entry whose removal waits', () => {
  it('stays when another source takes hold of it between its looks', async () => {
    const all = makeCaSources();
    await all.keep(2);
    all.service.duringNextLook(() => all.letGoOnce('detach'));
    expect(await all.keep(2, OTHER_SOURCE)).toMatchObject({ kind: 'present' });
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
    expect(await all.letGoOnce('detach')).toEqual({ kind: 'absent' });
    expect(await holders(all)).toEqual([formatSource(OTHER_SOURCE)]);
    expect(all.service.patches).toHaveLength(1);
  });

  it('stays when another source finds the removal in the line', async () => {
    const all = makeCaSources();
    await all.keep(2);
    await all.letGoOnce('detach');
    expect(await all.keep(2, OTHER_SOURCE)).toMatchObject({ kind: 'present' });
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
    expect(all.service.patches).toHaveLength(1);
  });

  it('stays when its overlap was over and another source takes hold of it', async () => {
    const all = makeCaSources({ overlap: 0 });
    await all.keep(2);
    await all.keepOnce(4, 'rotation');
    await all.keepOnce(2, 'other', OTHER_SOURCE);
    await rest(all);
    expect(await all.keepOnce(4, 'rotation', SOURCE)).toMatchObject({ kind: 'present' });
    await rest(all);
    expect(all.present()).toEqual([key(2), key(4)].sort());
    expect(new Set(await holders(all))).toEqual(
      new Set([formatSource(OTHER_SOURCE), formatSource(SOURCE)]),
    );
    expect(await holders(all)).toHaveLength(2);
  });

  it('stays when somebody holds it at the moment of planning, however that came about', async () => {
    const all = makeCaSources();
    await all.keep(2);
    await all.letGoOnce('detach');
    await all.service.ledger.change(SERVICE, (current) => ({
      next: {
        ...current,
        held: current.held.map((one) => ({
          ...one,
          holders: [...one.holders, { kind: 'others' as const }],
        })),
      },
      result: null,
    }));
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
    expect(await holders(all)).toEqual(['others']);
  });
});

describe('an entry whose removal is on its way', () => {
  it('is put back for a source that comes meanwhile', async () => {
    const all = makeCaSources();
    await all.keep(2);
    await all.letGoOnce('detach');
    await all.service.advance();
    expect(await all.keep(2, OTHER_SOURCE)).toMatchObject({ kind: 'present' });
    expect(all.present()).toEqual([key(2)]);
    expect(await holders(all)).toEqual([formatSource(OTHER_SOURCE)]);
  });

  it('is put back for a source whose look was taken before it was sent', async () => {
    const all = makeCaSources();
    await all.keep(2);
    all.service.duringNextLook(async () => {
      await all.letGoOnce('detach');
      await all.service.advance();
    });
    expect(await all.keep(2, OTHER_SOURCE)).toMatchObject({ kind: 'present' });
    expect(all.present()).toEqual([key(2)]);
  });

  it('is put back for a source whose look is older than the whole removal', async () => {
    const all = makeCaSources();
    await all.keep(2);
    all.service.duringNextLook(async () => {
      await all.letGoOnce('detach');
      await rest(all);
    });
    expect(await all.keep(2, OTHER_SOURCE)).toMatchObject({ kind: 'present' });
    expect(all.present()).toEqual([key(2)]);
  });

  it('keeps whoever came since, when it is over', async () => {
    const all = makeCaSources();
    await all.keep(2);
    await all.letGoOnce('detach');
    await all.service.advance();
    await all.keepOnce(2, 'other', OTHER_SOURCE);
    // The same entry, by hand: it joins the addition that waits.
    await all.service.upload([2]);
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
    expect([...(await holders(all))].sort()).toEqual([formatSource(OTHER_SOURCE), 'hand'].sort());
  });
});

it('an entry that somebody uploads while a source asks for it is for both', async () => {
  const all = makeCaSources();
  all.service.cutInAt(4, () => all.service.upload([2]));
  expect(await all.keep(2)).toMatchObject({ kind: 'present' });
  expect([...(await holders(all))].sort()).toEqual([formatSource(SOURCE), 'hand'].sort());
  expect(await all.letGo()).toEqual({ kind: 'absent' });
  await rest(all);
  expect(all.present()).toEqual([key(2)]);
  expect(all.service.patches).toHaveLength(1);
});

it('who lets go while something else is done to the entry holds it no more', async () => {
  const all = makeCaSources();
  await all.keep(2);
  await all.service.upload([1]);
  all.service.losesNext((next) => next.filter((one) => one.store !== 'Root'));
  await all.service.advance();
  all.service.pass(1_300);
  // Until it is put back into the line, to be repaired.
  while ((await record(all)).update !== undefined) {
    all.service.pass((await all.service.advance()).afterSeconds ?? 0);
  }
  expect((await record(all)).waiting).toMatchObject([{ kind: 'add', repairs: true }]);
  expect(await all.letGo()).toEqual({ kind: 'absent' });
  await rest(all);
  expect(await holders(all)).toEqual(['hand']);
  expect(all.present()).not.toContain(key(2));
});

describe('a deletion by hand', () => {
  const bound = (all: CaSources) => {
    all.service.routePorts.ledger.binding = (source) =>
      Promise.resolve(makeBinding({ source, target: TARGET }));
  };

  it('is refused when a source became a holder after the first look', async () => {
    const all = makeCaSources();
    await all.service.upload([2]);
    await rest(all);
    bound(all);
    all.service.duringNextLook(() => all.keepOnce(2, 'a'));
    const place = { ...sampleCa(2).entry };
    expect(await refusalOf(all.service.remove(place))).toBe('CA_ENTRY_BOUND');
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
  });

  it('is refused when a source became a holder right before it was written down', async () => {
    const all = makeCaSources();
    await all.service.upload([2]);
    await rest(all);
    bound(all);
    all.service.cutInAt(3, () => all.keepOnce(2, 'a'));
    expect(await refusalOf(all.service.remove(sampleCa(2).entry))).toBe('CA_ENTRY_BOUND');
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
  });

  it('is refused for what is on its way for a source', async () => {
    const all = makeCaSources();
    await all.keepOnce(2, 'a');
    bound(all);
    expect(await refusalOf(all.service.remove(sampleCa(2).entry))).toBe('CA_ENTRY_BOUND');
    await rest(all);
    expect(all.present()).toEqual([key(2)]);
  });
});

it('what is bound and was wiped is noticed by the sweep, also when an update ended in between', async () => {
  const all = makeCaSources();
  await all.keep(2);
  await all.ledger.saveBinding({
    ...makeBinding({ target: TARGET, claimed: true, status: 'verified' }),
    targetThumbprint: sampleCa(2).entry.thumbprint,
  });
  all.service.others(() => []);
  all.service.pass(2_000);
  await all.service.upload([1]);
  await rest(all);
  const survey = makeSurveyCaStore({ ...all.ports, now: all.service.now });
  expect(await survey({ service: SERVICE }, all.updater)).toEqual({ doubted: 1 });
  await all.keep(2);
  expect(all.present()).toContain(key(2));
  all.service.pass(DAY);
});
