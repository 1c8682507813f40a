import { toDeadline } from '../../../shared/azure/to-deadline.ts';

test('ends by the clock, also before its timer had its turn', () => {
  let now = 1_000;
  const signal = toDeadline(new Date(61_000), () => now);
  expect(signal.aborted).toBe(false);
  // The process was frozen.
  now = 61_000;
  expect(signal.aborted).toBe(true);
});

test('ends by its timer while something is waited for', async () => {
  const signal = toDeadline(new Date(Date.now() + 20));
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
    // The timer alone keeps no process alive.
    setTimeout(resolve, 5_000).unref();
  });
  expect(signal.aborted).toBe(true);
});
