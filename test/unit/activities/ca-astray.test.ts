/** Updates that Azure took and that go astray, and repairs that something stands in the way of. */
import { caKey } from '../../../shared/domain/ca-entry.ts';
import { Crash } from '../../support/ca-interruptions.ts';
import { SERVICE } from '../../support/ca-service.ts';
import { makeCaWorld, type CaWorld } from '../../support/ca-world.ts';
import { sampleCa } from '../../support/sample-ca.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import { refuse } from '../../support/fake-http-client.ts';

const key = (number: number): string => caKey(sampleCa(number).entry);
const keys = (...numbers: readonly number[]): readonly string[] => numbers.map(key).sort();
const present = (world: CaWorld): readonly string[] => [...world.keys()].sort();
const outcomes = async (world: CaWorld) =>
  (await world.ledger.read(SERVICE)).record.done.map(({ change, outcome, problem }) =>
    [change.kind, change.subject, outcome, problem?.code]
      .filter((one) => one !== undefined)
      .join(' '),
  );

describe('an update that Azure took', () => {
  test.each([403, 404, 409, 429])(
    'is under way when the first question about it is answered with %i',
    async (status) => {
      const world = makeCaWorld();
      await world.upload([2]);
      world.answersFirstPoll(refuse(status, 'Conflict', 'no'));
      await world.finish();
      expect(present(world)).toEqual(keys(2));
      expect(world.patches).toHaveLength(1);
      expect(await outcomes(world)).toEqual(['add CN=ca-2 added']);
    },
  );

  test.each([403, 404, 409])(
    'is under way when a later question about it is answered with %i',
    async (status) => {
      const world = makeCaWorld();
      await world.upload([2]);
      await world.advance();
      world.pass(60);
      world.answersFirstPoll(refuse(status, 'AuthorizationFailed', 'no'));
      await world.finish();
      expect(present(world)).toEqual(keys(2));
      expect(world.patches).toHaveLength(1);
      expect(await outcomes(world)).toEqual(['add CN=ca-2 added']);
    },
  );

  it('and forgot is done when the service is as it was to be', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    world.forgetsNext({ effect: true });
    await world.finish();
    expect(world.patches).toHaveLength(1);
    expect(await outcomes(world)).toEqual(['add CN=ca-2 added']);
  });

  it('and forgot, without effect, is sent once more and no more often', async () => {
    const world = makeCaWorld();
    await world.upload([2]);
    for (let looks = 0; looks < 400; looks += 1) {
      world.forgetsNext({ effect: false });
      const { state, afterSeconds = 0 } = await world.advance();
      if (state === 'ended') break;
      world.pass(afterSeconds);
    }
    expect(world.patches).toHaveLength(2);
    expect(await outcomes(world)).toEqual(['add CN=ca-2 failed NOT_VERIFIED']);
  });
});

it('what an update loses is put back also when its address was lost in a crash', async () => {
  const world = makeCaWorld();
  await world.upload([2]);
  await world.finish();
  await world.upload([4]);
  world.losesNext((next) => next.slice(1));
  // Right after it was sent.
  world.crash(8, false);
  await expect(world.advance()).rejects.toBeInstanceOf(Crash);
  expect(world.patches).toHaveLength(2);
  await world.finish();
  expect(present(world)).toEqual(keys(2, 4));
  expect(await outcomes(world)).toContain('add CN=ca-4 added');
});

it('an update that leaves no trace, however often it is sent, has failed', async () => {
  const world = makeCaWorld();
  await world.upload([2]);
  let sent = 0;
  world.stores.startUpdate = () => {
    sent += 1;
    const problem = { code: 'AZURE_UNAVAILABLE', message: 'Azure answers 503.' } as const;
    return Promise.reject(new TransientError(problem));
  };
  for (let looks = 0; looks < 400; looks += 1) {
    try {
      const { state, afterSeconds = 0 } = await world.advance();
      if (state === 'ended') break;
      world.pass(afterSeconds);
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
    }
  }
  expect(sent).toBe(3);
  expect(await outcomes(world)).toEqual(['add CN=ca-2 failed AZURE_UNAVAILABLE']);
});

it('a service that loses an entry for each that is put back is not updated without end', async () => {
  const world = makeCaWorld();
  await world.upload([2, 4, 6]);
  await world.finish();
  await world.upload([8]);
  for (let looks = 0; looks < 400; looks += 1) {
    world.losesNext((next) => next.slice(1));
    const { state, afterSeconds = 0 } = await world.advance();
    if (state === 'ended') break;
    world.pass(afterSeconds);
  }
  expect(world.patches).toHaveLength(3);
  expect(await outcomes(world)).toContain('add CN=ca-4 failed NOT_VERIFIED');
});

describe('a repair that something stands in the way of', () => {
  /** An update lost entry 2, and somebody has added what could not be sent again. */
  async function blocked(): Promise<CaWorld> {
    const world = makeCaWorld();
    await world.upload([2]);
    await world.finish();
    await world.upload([4]);
    world.losesNext((next) => next.filter((one) => caKey(one) !== key(2)));
    await world.advance();
    world.pass(1_300);
    while ((await world.ledger.read(SERVICE)).record.update !== undefined) {
      world.pass((await world.advance()).afterSeconds ?? 0);
    }
    world.others((entries) => [...entries, sampleCa(6).entry]);
    world.pass(1_300);
    await world.finish();
    return world;
  }

  it('waits, told once, and goes with the next update that is possible', async () => {
    const world = await blocked();
    expect(present(world)).toEqual(keys(4, 6));
    await world.finish();
    await world.finish();
    expect((await outcomes(world)).filter((one) => one.includes('refused'))).toEqual([
      'add CN=ca-2 refused CA_ENTRIES_UNKNOWN',
    ]);
    await world.upload([6]);
    await world.finish();
    expect(present(world)).toEqual(keys(2, 4, 6));
  });

  it('is shown with what it waits for', async () => {
    const world = await blocked();
    expect((await world.ledger.read(SERVICE)).record.waiting).toMatchObject([
      { kind: 'add', repairs: true, waitsFor: { code: 'CA_ENTRIES_UNKNOWN' } },
    ]);
  });
});
