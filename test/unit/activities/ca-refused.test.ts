/** Updates that Azure refuses to begin, and those that reach it late. */
import { addCaCertificates } from '../../../functions/triggers/ca/add-ca-certificates.ts';
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorld } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';

const key = (number: number): string => caKey(sampleCa(number).entry);
const keys = (...numbers: readonly number[]): readonly string[] => numbers.map(key).sort();
const present = (world: CaWorld): readonly string[] => [...world.keys()].sort();
const recordOf = async ({ ledger }: CaWorld) => (await ledger.read(SERVICE)).record;
const told = async (world: CaWorld) =>
  (await recordOf(world)).done.map(({ change, outcome, problem }) =>
    [change.kind, change.subject, outcome, problem?.code ?? ''].join(' ').trim(),
  );

/** An update lost entries, and that is known: their repair waits. */
async function lost(...numbers: readonly number[]): Promise<CaWorld> {
  const world = makeCaWorld();
  await world.upload([2, 4, 6]);
  await world.finish();
  await world.upload([8]);
  const gone = new Set(numbers.map(key));
  world.losesNext((next) => next.filter((one) => !gone.has(caKey(one))));
  await world.advance();
  world.pass(1_300);
  while ((await recordOf(world)).update !== undefined) {
    world.pass((await world.advance()).afterSeconds ?? 0);
  }
  expect((await recordOf(world)).waiting).toHaveLength(numbers.length);
  return world;
}

describe('a repair that Azure refuses', () => {
  it('stays in the line, is told once, and goes when Azure takes it', async () => {
    const world = await lost(2);
    world.refuses(sampleCa(2).entry);
    await world.finish();
    await world.finish();
    expect(world.refusals()).toBe(1);
    expect((await recordOf(world)).waiting).toMatchObject([
      { kind: 'add', subject: 'CN=ca-2', waitsFor: { code: 'AZURE_REFUSED' } },
    ]);
    world.pass(1_800);
    await world.finish();
    expect(world.refusals()).toBe(2);
    const refused = (await told(world)).filter((one) => one.includes('refused'));
    expect(refused).toEqual(['add CN=ca-2 refused AZURE_REFUSED']);
    world.calm();
    world.pass(1_800);
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4, 6, 8));
  });

  it('for what came with it goes without that, at once', async () => {
    const world = await lost(2);
    await world.upload([10]);
    world.refuses(sampleCa(10).entry);
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4, 6, 8));
    expect(await told(world)).toContain('add CN=ca-10 refused AZURE_REFUSED');
    expect(await told(world)).not.toContain('add CN=ca-2 refused AZURE_REFUSED');
  });

  it('keeps nothing else from being put there', async () => {
    const world = await lost(2, 4);
    world.refuses(sampleCa(2).entry);
    await world.finish();
    await world.upload([10]);
    await world.finish();
    expect(present(world)).toEqual(keys(6, 8, 10));
    world.pass(1_800);
    await world.finish();
    expect(present(world)).toEqual(keys(4, 6, 8, 10));
  });

  it('is asked for anew by whoever uploads it', async () => {
    const world = await lost(2);
    world.refuses(sampleCa(2).entry);
    await world.finish();
    world.calm();
    await world.upload([2]);
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4, 6, 8));
  });
});

describe('an update that was held up until another one took its place', () => {
  /** Right before the request, which goes out later, somebody else finishes it and goes on. */
  function holdUp(world: CaWorld, meanwhile: () => Promise<unknown>): void {
    const startUpdate = world.stores.startUpdate.bind(world.stores);
    world.stores.startUpdate = async (...request) => {
      world.stores.startUpdate = startUpdate;
      world.pass(200);
      await world.finish();
      await meanwhile();
      await world.finish();
      expect(present(world)).toEqual(keys(2, 4));
      return await startUpdate(...request);
    };
  }

  it('does not go out', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    holdUp(world, () => world.upload([4]));
    await expect(world.advance()).rejects.toBeInstanceOf(TransientError);
    expect(world.patches).toHaveLength(2);
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4));
  });

  it('is not even begun when its time was over before', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    const replace = world.ledger.replace.bind(world.ledger);
    world.ledger.replace = async (...write) => {
      world.ledger.replace = replace;
      const done = await replace(...write);
      world.pass(121);
      return done;
    };
    expect(await world.advance()).toMatchObject({ state: 'more' });
    expect(world.patches).toHaveLength(0);
    await world.finish();
    expect(present(world)).toEqual(keys(2));
    expect(world.patches).toHaveLength(1);
  });

  it('and reached Azure all the same is followed by one that puts right what it undid', async () => {
    const world = makeCaWorld();
    await world.upload([6]);
    await world.finish();
    await world.upload([2]);
    holdUp(world, async () => {
      await world.upload([4]);
      await world.remove(sampleCa(6).entry);
      await world.finish();
      world.slipsNext();
    });
    await world.advance();
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4));
    expect(world.patches).toHaveLength(5);
  });
});

describe('a service that shows an update late', () => {
  it('and says that it is being changed is waited for', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    const since = +world.now();
    await lag(world, 'Updating', () => Promise.resolve(+world.now() - since > 2_000_000));
    expect(world.patches).toHaveLength(1);
    expect(await told(world)).toEqual(['add CN=ca-2 added']);
  });

  it('and says nothing of it: what shows in the end was added', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    await lag(world, 'Succeeded', async () => (await recordOf(world)).update === undefined);
    expect(world.patches).toHaveLength(1);
    expect(await told(world)).toEqual(['add CN=ca-2 added']);
    expect((await recordOf(world)).held).toMatchObject([{ holders: [{ kind: 'hand' }] }]);
  });

  /** The old entries are shown until then. */
  async function lag(world: CaWorld, state: string, until: () => Promise<boolean>): Promise<void> {
    const observe = world.stores.observe.bind(world.stores);
    world.stores.observe = async (service) => {
      const seen = await observe(service);
      const isOld = seen.entries.length > 0 && !(await until());
      return isOld ? { ...seen, state, entries: [] } : seen;
    };
    await world.finish();
  }
});

test('a name of any length is cut where it is kept', async () => {
  const world = makeCaWorld();
  const read = world.routePorts.readCaFile;
  const ports = {
    ...world.routePorts,
    readCaFile: async (file: Uint8Array) => {
      const all = await read(file, undefined);
      const long = all.certificates.map((one) => ({
        ...one,
        looks: { ...one.looks, subject: 'x'.repeat(900) },
      }));
      return { ...all, certificates: long };
    },
  };
  await addCaCertificates(ports, {
    ...{ service: SERVICE, file: Buffer.from('[2]'), asker: world.asker },
    ...{ password: undefined, store: undefined, acceptDowntime: false },
  });
  expect((await recordOf(world)).waiting[0]?.subject).toHaveLength(200);
});

test('what is on its way waits for nothing', async () => {
  const world = await lost(2);
  await world.ledger.change(SERVICE, (record) => ({
    next: {
      ...record,
      waiting: record.waiting.map((one) => ({
        ...one,
        waitsFor: { code: 'CA_ENTRIES_UNKNOWN', message: 'once' },
      })),
    },
    result: null,
  }));
  await world.advance();
  const { update } = await recordOf(world);
  expect(update?.changes).toHaveLength(1);
  expect(update?.changes[0]).not.toHaveProperty('waitsFor');
});
