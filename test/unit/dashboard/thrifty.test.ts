import { makeThrifty } from '../../../functions/triggers/dashboard/thrifty.ts';

/** A reader whose readings take as long as a test says, and how often it was asked to read. */
function over(takes: number) {
  let at = 0;
  let readings = 0;
  const read = makeThrifty(
    async () => {
      readings += 1;
      const reading = readings;
      await Promise.resolve();
      at += takes;
      return reading;
    },
    () => at,
  );
  return {
    read,
    readings: () => readings,
    pass: (milliseconds: number) => {
      at += milliseconds;
    },
  };
}

describe('A thrifty reader', () => {
  it('reads once for all who ask at the same time', async () => {
    const { read, readings } = over(5);
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
    expect(readings()).toBe(1);
  });

  it.each([
    { takes: 5, still: 999, over: 1_000, why: 'a quick reading serves for a second' },
    {
      takes: 2_000,
      still: 19_999,
      over: 20_000,
      why: 'a slow one for ten times as long as it took',
    },
  ])('$why', async ({ takes, still, over: past }) => {
    const { read, pass } = over(takes);
    await read();
    pass(still);
    expect(await read()).toBe(1);
    pass(past - still);
    expect(await read()).toBe(2);
  });

  it('keeps no failure: who asks next reads again', async () => {
    let fails = true;
    const read = makeThrifty(
      () => (fails ? Promise.reject(new Error('storage is away')) : Promise.resolve('there')),
      () => 0,
    );
    await expect(read()).rejects.toThrow('storage is away');
    fails = false;
    expect(await read()).toBe('there');
  });
});
