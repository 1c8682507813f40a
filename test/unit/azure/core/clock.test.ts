import { makeClock } from '../../../../local/azure/core/clock.ts';
import { openStore } from '../../../../local/azure/core/store.ts';

const start = Date.parse('2026-11-01T00:00:00Z');

describe('the simulated clock', () => {
  const store = openStore(':memory:');
  const lines: string[] = [];
  const make = () =>
    makeClock(
      store,
      (line) => lines.push(line),
      () => start,
    );

  afterEach(() => {
    store.delete('clock', 'offset');
    lines.length = 0;
  });
  afterAll(() => store.close());

  it('moves forward and keeps the offset over a restart', () => {
    make().advance(3600);

    expect(make().now()).toEqual(new Date(start + 3_600_000));
    expect(make().offsetSeconds()).toBe(3600);
  });

  it('begins in the past where it is told to, and comes to the present when it is advanced', () => {
    const clock = make();
    const rung: string[] = [];
    clock.begin(3600);
    clock.at(new Date(start - 1_800_000), () => rung.push(clock.now().toISOString()));
    expect(make().now()).toEqual(new Date(start - 3_600_000));

    clock.advance(3600);

    expect(clock.now()).toEqual(new Date(start));
    expect(rung).toEqual(['2026-10-31T23:30:00.000Z']);
  });

  it('rings the alarms on the way, each at its own time, in order', () => {
    const clock = make();
    const rung: string[] = [];
    clock.at(new Date(start + 20_000), () => rung.push(`b ${clock.now().toISOString()}`));
    clock.at(new Date(start + 10_000), () => rung.push(`a ${clock.now().toISOString()}`));
    clock.at(new Date(start + 40_000), () => rung.push('late'));
    clock.at(new Date(start + 15_000), () => rung.push('cancelled')).cancel();

    clock.advance(30);

    expect(rung).toEqual(['a 2026-11-01T00:00:10.000Z', 'b 2026-11-01T00:00:20.000Z']);
    expect(clock.now()).toEqual(new Date(start + 30_000));
    clock.stop();
  });

  it('rings alarms that an alarm sets', () => {
    const clock = make();
    let count = 0;
    const again = (): void => {
      count += 1;
      clock.at(new Date(clock.now().getTime() + 60_000), again);
    };
    clock.at(new Date(start + 60_000), again);

    clock.advance(600);

    expect(count).toBe(10);
    clock.stop();
  });

  it('logs an alarm that fails and rings the others', () => {
    const clock = make();
    let rung = false;
    clock.at(new Date(start + 1000), () => {
      throw new Error('broken');
    });
    clock.at(new Date(start + 2000), () => {
      rung = true;
    });

    clock.advance(3);

    expect(rung).toBe(true);
    expect(lines).toEqual([expect.stringContaining('broken')]);
    clock.stop();
  });

  it('rings without being advanced when the time is there', async () => {
    const clock = makeClock(store, () => undefined);

    await new Promise<void>((resolve) => {
      const keepAlive = setInterval(() => undefined, 1000);
      clock.at(clock.now(), () => {
        clearInterval(keepAlive);
        resolve();
      });
    });

    clock.stop();
  });
});
