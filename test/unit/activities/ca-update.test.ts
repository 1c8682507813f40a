import { caKey } from '../../../shared/domain/ca-entry.ts';
import { Crash } from '../../support/ca-interruptions.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorld } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { refusalOf } from '../../support/refusal.ts';

const key = (number: number): string => caKey(sampleCa(number).entry);
const keys = (...numbers: readonly number[]): readonly string[] => numbers.map(key).sort();
const present = (world: CaWorld): readonly string[] => [...world.keys()].sort();
const outcomes = async (world: CaWorld) =>
  (await world.ledger.read(SERVICE)).record.done.map(({ change, outcome, problem }) =>
    [change.kind, change.subject, outcome, problem?.code]
      .filter((one) => one !== undefined)
      .join(' '),
  );

describe('one update', () => {
  it('takes everything that waits, and keeps what was there', async () => {
    const world = makeCaWorld({ entries: [sampleCa(1).entry] });
    await world.upload([1]);
    for (const number of [2, 3, 4]) await world.upload([number]);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2, 3, 4));
    expect(world.patches).toHaveLength(1);
  });

  it('tells how long it takes, and how long it has taken', async () => {
    const world = makeCaWorld();
    await world.upload([1]);
    const said = (await world.finish()).map(({ says }) => says);
    expect(said).toContain(
      'Updating the CA certificates of contoso-gw (1 change): usually 15 to 45 minutes; 3 min so far',
    );
  });

  it('what arrives while it goes on waits for the next one', async () => {
    const world = makeCaWorld();
    await world.upload([1]);
    await world.advance();
    for (const number of [2, 3, 4, 5, 6, 7, 8, 9]) await world.upload([number]);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2, 3, 4, 5, 6, 7, 8, 9));
    expect(world.patches).toHaveLength(2);
  });

  it('removes an entry, and no other', async () => {
    const world = makeCaWorld();
    await world.upload([1, 2, 3]);
    await world.finish();
    await world.remove(sampleCa(2).entry);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 3));
  });

  it('is not sent for a removal that is taken back before it', async () => {
    const world = makeCaWorld();
    await world.upload([1, 2]);
    await world.finish();
    await world.remove(sampleCa(2).entry);
    await world.upload([2]);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2));
    expect(world.patches).toHaveLength(1);
  });
});

describe('the limit', () => {
  it('refuses the eleventh before anything waits, counting what waits', async () => {
    const world = makeCaWorld();
    await world.upload([1, 2, 3, 4, 5, 6]);
    await world.upload([7, 8, 9, 10]);
    expect(await refusalOf(world.upload([11]))).toBe('CA_LIMIT_REACHED');
    await world.finish();
    expect(present(world)).toHaveLength(10);
    expect(await refusalOf(world.upload([11]))).toBe('CA_LIMIT_REACHED');
    await world.remove(sampleCa(3).entry);
    await world.upload([11]);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2, 4, 5, 6, 7, 8, 9, 10, 11));
  });

  it('lets exactly ten in, however many ask at once', async () => {
    const world = makeCaWorld();
    const asked = Array.from({ length: 14 }, (_, number) => refusalOf(world.upload([number + 1])));
    const answers = await Promise.all(asked);
    expect(answers.filter((one) => one === 'not refused')).toHaveLength(10);
    expect(answers.filter((one) => one === 'CA_LIMIT_REACHED')).toHaveLength(4);
    await world.finish();
    expect(present(world)).toHaveLength(10);
  });
});

describe('entries of which there is no copy', () => {
  it('keep everything else from being sent, until they are uploaded once more', async () => {
    const world = makeCaWorld({ entries: [sampleCa(1).entry, sampleCa(2).entry] });
    expect(await refusalOf(world.upload([3]))).toBe('CA_ENTRIES_UNKNOWN');
    const { entries } = await world.upload([1, 2]);
    expect(entries.map(({ outcome }) => outcome)).toEqual(['adopted', 'adopted']);
    await world.upload([3]);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2, 3));
  });

  it('are adopted and added to with one file', async () => {
    const world = makeCaWorld({ entries: [sampleCa(1).entry] });
    const { entries } = await world.upload([1, 2]);
    expect(entries.map(({ outcome }) => outcome)).toEqual(['adopted', 'queued']);
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2));
  });

  it('are dropped when they are named and said to be lost', async () => {
    const world = makeCaWorld({ entries: [sampleCa(1).entry] });
    expect(await refusalOf(world.remove(sampleCa(1).entry))).toBe('CA_ENTRIES_UNKNOWN');
    await world.remove(sampleCa(1).entry, true);
    await world.finish();
    expect(present(world)).toEqual([]);
  });

  it('that came since stop an update that waited, and nothing is sent', async () => {
    const world = makeCaWorld();
    await world.upload([1]);
    world.others((entries) => [...entries, sampleCa(2).entry]);
    await world.finish();
    expect(present(world)).toEqual(keys(2));
    expect(world.patches).toHaveLength(0);
    expect(await outcomes(world)).toEqual(['add CN=ca-1 refused CA_ENTRIES_UNKNOWN']);
  });
});

describe('a service that is being changed', () => {
  it('is waited for; then the store is read anew, so that nothing of the change is lost', async () => {
    const world = makeCaWorld();
    await world.upload([1, 2]);
    await world.finish();
    await world.upload([3]);
    world.others((entries) => entries.filter((one) => caKey(one) !== key(1)));
    expect(await world.advance()).toMatchObject({ state: 'waiting' });
    await world.finish();
    expect(present(world)).toEqual(keys(2, 3));
  });
});

describe('a difference after an update', () => {
  it('is repaired by one more', async () => {
    const world = makeCaWorld();
    await world.upload([1, 2]);
    await world.finish();
    await world.upload([3]);
    world.losesNext((next) => next.filter((one) => caKey(one) === key(3)));
    await world.finish();
    expect(present(world)).toEqual(keys(1, 2, 3));
    expect(world.patches).toHaveLength(3);
  });

  it('that stays after the repair is reported, and not tried for ever', async () => {
    const world = makeCaWorld();
    await world.upload([1]);
    world.losesNext(() => []);
    await world.advance();
    while (world.patches.length < 2) {
      world.losesNext(() => []);
      const { afterSeconds = 0 } = await world.advance();
      world.pass(afterSeconds);
    }
    await world.finish();
    expect(world.patches).toHaveLength(2);
    expect(await outcomes(world)).toEqual(['add CN=ca-1 failed NOT_VERIFIED']);
  });
});

it('an update that failed is not tried again by itself', async () => {
  const world = makeCaWorld();
  await world.upload([1]);
  world.failsNext();
  await world.finish();
  expect(world.patches).toHaveLength(1);
  expect(await outcomes(world)).toEqual(['add CN=ca-1 failed AZURE_REFUSED']);
});

describe('a process that ends at any of its calls', () => {
  const CALLS = 12;
  const moments = Array.from({ length: CALLS }, (_, at) => [at + 1, true] as const).flatMap(
    ([at]) => [[at, true] as const, [at, false] as const],
  );
  test.each(moments)(
    'sends no second update and loses nothing (call %i, before it acted: %s)',
    async (calls, before) => {
      const world = makeCaWorld({ entries: [sampleCa(1).entry] });
      await world.upload([1]);
      await world.upload([2, 3]);
      world.crash(calls, before);
      try {
        for (let steps = 0; steps < CALLS; steps += 1) {
          const { afterSeconds = 0, state } = await world.advance();
          if (state === 'ended') break;
          world.pass(afterSeconds);
        }
      } catch (error) {
        if (!(error instanceof Crash)) throw error;
      }
      world.calm();
      await world.finish();
      expect(present(world)).toEqual(keys(1, 2, 3));
      expect(world.patches).toHaveLength(1);
      expect(await outcomes(world)).toEqual(['add CN=ca-2 added', 'add CN=ca-3 added']);
    },
  );
});

describe('what a service is asked for', () => {
  test.each([
    ['a v2 tier, which does not consult the store', 'StandardV2', 'CA_STORE_WITHOUT_EFFECT'],
    ['the Consumption tier, which has none', 'Consumption', 'CA_STORE_WITHOUT_EFFECT'],
    ['the Developer tier, unless downtime is accepted', 'Developer', 'CA_UPDATE_DOWNTIME'],
  ])('is refused for %s', async (_, tier, code) => {
    const world = makeCaWorld({ tier });
    expect(await refusalOf(world.upload([1]))).toBe(code);
    expect((await world.ledger.read(SERVICE)).record.waiting).toEqual([]);
  });

  it('is done on the Developer tier when downtime is accepted', async () => {
    const world = makeCaWorld({ tier: 'Developer' });
    await world.upload([1], { acceptDowntime: true });
    await world.finish();
    expect(present(world)).toEqual(keys(1));
  });

  it('is no update when the store holds it already', async () => {
    const world = makeCaWorld();
    await world.upload([1]);
    await world.finish();
    const { entries } = await world.upload([1]);
    expect(entries.map(({ outcome }) => outcome)).toEqual(['present']);
    await world.finish();
    expect(world.patches).toHaveLength(1);
  });
});
