/** The orchestration engine of the one-machine host, against the same without persistence. */
import { closeSync, fsyncSync, mkdtempSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import { benchFinished } from './engine/finished.ts';
import { startEngine } from './engine/host-client.ts';
import { storages, type Storage } from './engine/host-process.ts';
import { runWorkload, type Workload, type WorkloadResult } from './engine/workload.ts';
import { count, ms, percentile, printFigures, progress, ratio, type Figure } from './print.ts';

const ROUNDS = 3;
const WARM_UP: Workload = { orchestrations: 200, atOnce: 20, steps: 5 };
const ALONE: Workload = { orchestrations: 100, atOnce: 1, steps: 10 };
const MANY: Workload = { orchestrations: 1_000, atOnce: 20, steps: 5 };
const FLUSHES = 200;

const words: Readonly<Record<Storage, string>> = {
  disk: 'SQLite on disk',
  memory: 'SQLite in memory',
  none: 'replay loop, no store',
};

interface Measured {
  readonly perSecond: number[];
  readonly gaps: number[];
}

/**
 * Prints throughput, the time of an activity step, start-up, memory and disk.
 * @param folder for the state of what is measured
 */
export async function benchEngine(folder: string): Promise<void> {
  const results = await measureRounds(folder);
  printThroughput(results);
  printSteps(results, timeFlush(folder));
  await benchFinished(folder);
}

async function measureRounds(folder: string): Promise<Readonly<Record<Storage, Measured>>> {
  const results: Record<Storage, Measured> = {
    disk: { perSecond: [], gaps: [] },
    memory: { perSecond: [], gaps: [] },
    none: { perSecond: [], gaps: [] },
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    // In turns, so that whatever else the machine does falls on all of them.
    for (const storage of storages) {
      progress(`Engine: ${words[storage]}, round ${round} of ${ROUNDS} …`);
      const engine = await startEngine(storage, mkdtempSync(path.join(folder, 'engine-')));
      try {
        await runWorkload(WARM_UP, engine.run);
        results[storage].gaps.push(...(await runWorkload(ALONE, engine.run)).gaps);
        results[storage].perSecond.push(perSecond(MANY, await runWorkload(MANY, engine.run)));
      } finally {
        await engine.stop();
      }
    }
  }
  progress('');
  return results;
}

const perSecond = ({ orchestrations }: Workload, { took }: WorkloadResult): number =>
  (orchestrations / took) * 1_000;

function printThroughput(results: Readonly<Record<Storage, Measured>>): void {
  const median = (storage: Storage): number => percentile(results[storage].perSecond, 0.5);
  const { steps, atOnce, orchestrations } = MANY;
  printFigures(
    `Orchestrations of ${steps} activities a second (real host, started over HTTP, ${atOnce} at once;\nmedian of ${ROUNDS} × ${count(orchestrations)}, each in a fresh process)`,
    storages.map((storage): Figure => {
      const activities = `${count(median(storage) * steps)} activities/s`;
      const more =
        storage === 'disk' ? '' : `; ${ratio(median(storage), median('disk'))} × on disk`;
      return {
        what: words[storage],
        value: `${count(median(storage))}/s`,
        note: activities + more,
      };
    }),
  );
}

function printSteps(results: Readonly<Record<Storage, Measured>>, flush: number): void {
  const at = (storage: Storage, share: number): number => percentile(results[storage].gaps, share);
  const { steps } = ALONE;
  printFigures(
    `An activity step: from the begin of an activity that does nothing to the begin of the\nnext one in its orchestration (one at a time, ${count(results.disk.gaps.length)} steps, ${steps} an orchestration)`,
    [
      ...storages.flatMap((storage): Figure[] => [
        { what: `${words[storage]}, p50`, value: ms(at(storage, 0.5)), ...against(storage, 0.5) },
        { what: `${words[storage]}, p99`, value: ms(at(storage, 0.99)), ...against(storage, 0.99) },
      ]),
      { what: 'one flush of 4 kB to this disk, p50', value: ms(flush) },
    ],
  );
  function against(storage: Storage, share: number): Partial<Figure> {
    if (storage !== 'disk') return {};
    return {
      note: `${ratio(at('disk', share), at('memory', share))} × in memory, ${ratio(at('disk', share), at('none', share))} × no store`,
    };
  }
}

/** What the disk itself takes: the median of flushes of one page, milliseconds. */
function timeFlush(folder: string): number {
  const file = openSync(path.join(folder, 'flush'), 'w');
  const page = Buffer.alloc(4_096, 1);
  const times: number[] = [];
  for (let turn = 0; turn < FLUSHES; turn += 1) {
    const began = performance.now();
    writeSync(file, page, 0, page.length, turn * page.length);
    fsyncSync(file);
    times.push(performance.now() - began);
  }
  closeSync(file);
  return percentile(times, 0.5);
}
