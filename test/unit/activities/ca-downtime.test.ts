/** The Developer tier: an update is downtime, and none is sent that nobody accepted. */
import { CA_SOURCES, makeCaSources, type CaSources } from '../../support/ca-sources.ts';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorld } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { makeBinding } from '../../support/domain-samples.ts';
import { refusalOf } from '../../support/refusal.ts';

const { DAY } = CA_SOURCES;
const accepted = { acceptDowntime: true };
const key = (number: number): string => `Root/${sampleCa(number).entry.thumbprint}`;
const told = async ({ ledger }: Pick<CaWorld, 'ledger'>) =>
  (await ledger.read(SERVICE)).record.done.flatMap(({ change, problem }) =>
    problem === undefined ? [] : [`${change.kind} ${change.subject} ${problem.code}`],
  );

/** A source's certificate is in the store of a service that nobody has accepted downtime for. */
async function kept(overlap?: number): Promise<CaSources> {
  const all = makeCaSources({
    ...{ tier: 'Developer', entries: [{ ...sampleCa(2).entry, subject: 'CN=ca-2' }] },
    ...(overlap === undefined ? {} : { overlap }),
  });
  await all.keep(2);
  // It is the source's alone: nobody else put it there.
  await all.service.ledger.change(SERVICE, (record) => ({
    next: {
      ...record,
      held: record.held.map((one) => ({
        ...one,
        holders: one.holders.filter(({ kind }) => kind === 'source'),
      })),
    },
    result: null,
  }));
  return all;
}

describe('without leave nothing is sent, and what waits is told once', () => {
  it('when a source lets go', async () => {
    const all = await kept();
    expect(await refusalOf(all.letGo())).toBe('CA_UPDATE_DOWNTIME');
    await all.service.finish();
    expect(await refusalOf(all.letGo())).toBe('CA_UPDATE_DOWNTIME');
    await all.service.finish();
    expect(all.service.patches).toHaveLength(0);
    expect(await told(all.service)).toEqual(['remove CN=ca-2 CA_UPDATE_DOWNTIME']);
  });

  it('when an overlap is over', async () => {
    const all = await kept();
    all.service.others((entries) => [...entries, { ...sampleCa(4).entry }]);
    all.service.pass(2_000);
    await all.keep(4);
    all.service.pass(31 * DAY);
    for (let sweeps = 0; sweeps < 3; sweeps += 1) {
      await all.service.finish();
      all.service.pass(2 * DAY);
    }
    expect(all.service.patches).toHaveLength(0);
    expect(await told(all.service)).toEqual(['remove CN=ca-2 CA_UPDATE_DOWNTIME']);
  });

  it('when the next version is there already and there is no overlap', async () => {
    const all = await kept(0);
    all.service.others((entries) => [...entries, { ...sampleCa(4).entry }]);
    all.service.pass(2_000);
    await all.keep(4);
    await all.service.finish();
    expect(all.service.patches).toHaveLength(0);
    expect(await told(all.service)).toEqual(['remove CN=ca-2 CA_UPDATE_DOWNTIME']);
  });

  it('when an update that was accepted lost something: that was leave for one', async () => {
    const world = makeCaWorld({ tier: 'Developer' });
    await world.upload([2, 4], accepted);
    world.losesNext((next) => next.filter((one) => caKey(one) !== key(4)));
    await world.finish();
    await world.finish();
    expect(world.patches).toHaveLength(1);
    expect(await told(world)).toEqual(['add CN=ca-4 CA_UPDATE_DOWNTIME']);
  });

  it('when what was asked for was no downtime then: it is refused', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    world.becomes('Developer');
    await world.finish();
    expect(world.patches).toHaveLength(0);
    expect(await told(world)).toEqual(['add CN=ca-2 CA_UPDATE_DOWNTIME']);
    expect((await world.ledger.read(SERVICE)).record.waiting).toEqual([]);
  });
});

describe('what waits for leave', () => {
  it('goes with the next update that somebody accepts', async () => {
    const all = await kept();
    expect(await refusalOf(all.letGo())).toBe('CA_UPDATE_DOWNTIME');
    await all.service.upload([6], accepted);
    await all.service.finish();
    expect(all.present()).toEqual([key(6)]);
    expect(all.service.patches).toHaveLength(1);
    expect(await all.letGo()).toEqual({ kind: 'absent' });
  });

  it('goes when it is deleted by hand with leave, though its source is still being detached', async () => {
    const all = await kept();
    expect(await refusalOf(all.letGo())).toBe('CA_UPDATE_DOWNTIME');
    all.service.routePorts.ledger.binding = (source) =>
      Promise.resolve(makeBinding({ source, target: CA_SOURCES.TARGET, leaving: true }));
    await all.service.remove(sampleCa(2).entry, false, accepted);
    await all.service.finish();
    expect(all.present()).toEqual([]);
    expect(await all.letGo()).toEqual({ kind: 'absent' });
  });

  it('goes when the very thing is asked for with leave', async () => {
    const world = makeCaWorld({ tier: 'Developer' });
    await world.upload([2, 4], accepted);
    world.losesNext((next) => next.filter((one) => caKey(one) !== key(4)));
    await world.finish();
    await world.upload([4], accepted);
    await world.finish();
    expect([...world.keys()].sort()).toEqual([key(2), key(4)].sort());
  });

  it('stays where it is when somebody takes hold of it', async () => {
    const all = await kept();
    expect(await refusalOf(all.letGo())).toBe('CA_UPDATE_DOWNTIME');
    await all.keep(2);
    await all.service.finish();
    expect(all.present()).toEqual([key(2)]);
    expect((await all.service.ledger.read(SERVICE)).record.waiting).toEqual([]);
  });
});

it('by the settings everything is accepted', async () => {
  const all = makeCaSources({ tier: 'Developer', downtime: 'accept' });
  await all.keep(2);
  expect(await all.letGo()).toEqual({ kind: 'absent' });
  expect(all.present()).toEqual([]);
});
