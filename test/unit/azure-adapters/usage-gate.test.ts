import { Gate } from '../../../shared/azure/usage/gate.ts';
import { mapBounded } from '../../../shared/map-bounded.ts';

test('a gate lets at most so many through at once, and all of them in the end', async () => {
  const gate = new Gate(3);
  let [under, most] = [0, 0];
  const call = async (): Promise<void> => {
    under += 1;
    most = Math.max(most, under);
    await new Promise((resolve) => setImmediate(resolve));
    under -= 1;
  };
  await Promise.all(Array.from({ length: 20 }, () => gate.run(call)));
  expect([most, under, gate.calls]).toEqual([3, 0, 20]);
});

test('a call that fails makes room for the next', async () => {
  const gate = new Gate(1);
  const failing = gate.run(() => Promise.reject(new Error('no')));
  await expect(Promise.all([failing, gate.run(async () => 'yes')])).rejects.toThrow('no');
  await expect(gate.run(async () => 'yes')).resolves.toBe('yes');
});

test('answers come in the order of the items', async () => {
  const turns = [3, 1, 2];
  const mapped = await mapBounded(turns, 2, async (turn) => {
    for (let at = 0; at < turn; at += 1) await Promise.resolve();
    return turn * 10;
  });
  expect(mapped).toEqual([30, 10, 20]);
});

test('after a failure nothing more is begun, and what was begun has ended', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const mapping = mapBounded([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    await new Promise((resolve) => setImmediate(resolve));
    ended.push(item);
    if (item === 0) throw new Error('no');
    return item;
  });
  await expect(mapping).rejects.toThrow('no');
  expect(begun.length).toBeLessThan(6);
  expect(ended).toEqual(begun);
});
