/** What finished orchestrations that nobody has purged cost: start-up, memory, disk. */
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { openDatabase } from '../../local/host/durable/database.ts';
import { residentMemory } from '../memory.ts';
import { count, megabytes, ms, percentile, printFigures, progress, ratio } from '../print.ts';
import { startEngine, timeStart } from './host-client.ts';
import type { Storage } from './host-process.ts';
import { runWorkload, type Workload } from './workload.ts';

const FINISHED: Workload = { orchestrations: 10_000, atOnce: 20, steps: 5 };
const STARTS = 5;

/** Runs ten thousand orchestrations on disk and prints what is left of them, and where. */
export async function benchFinished(folder: string): Promise<void> {
  const newState = (): string => mkdtempSync(path.join(folder, 'state-'));
  const stateDir = newState();
  const memory = await fillAndMeasure(stateDir);
  const restarted = await memoryOf('disk', stateDir);
  const noStore = await memoryOf('none', newState());

  const fresh: number[] = [];
  const full: number[] = [];
  for (let turn = 1; turn <= STARTS; turn += 1) {
    progress(`Engine: start ${turn} of ${STARTS} …`);
    fresh.push(await timeStart(newState()));
    full.push(await timeStart(stateDir));
  }
  progress('');

  const finished = `${count(FINISHED.orchestrations)} finished`;
  const [empty, filled] = [percentile(fresh, 0.5), percentile(full, 0.5)];
  printFigures(`Start-up: npm run host, from its process to its answer (median of ${STARTS})`, [
    { what: 'empty task hub', value: ms(empty) },
    { what: finished, value: ms(filled), note: `${ratio(filled, empty)} × empty` },
  ]);
  const note = (bytes: number): string => `${ratio(bytes, memory.empty)} × empty`;
  printFigures('Resident memory of the host', [
    { what: 'replay loop, no store', value: megabytes(noStore), note: note(noStore) },
    { what: 'empty task hub', value: megabytes(memory.empty) },
    {
      what: `${finished}, run by this process`,
      value: megabytes(memory.filled),
      note: note(memory.filled),
    },
    {
      what: `${finished}, found at start`,
      value: megabytes(restarted),
      note: note(restarted),
    },
  ]);
  const { onDisk, events } = bytesOf(stateDir);
  printFigures(`Bytes on disk, an orchestration of ${FINISHED.steps} activities`, [
    { what: 'task hub', value: count(onDisk), note: `${ratio(onDisk, events)} × its events` },
    { what: 'its events as JSON', value: count(events) },
  ]);
}

async function fillAndMeasure(stateDir: string): Promise<{ empty: number; filled: number }> {
  const engine = await startEngine('disk', stateDir);
  try {
    const empty = residentMemory(engine.pid);
    await runWorkload(FINISHED, engine.run, (done) =>
      progress(`Engine: ${count(done)} of ${count(FINISHED.orchestrations)} orchestrations …`),
    );
    return { empty, filled: residentMemory(engine.pid) };
  } finally {
    progress('');
    await engine.stop();
  }
}

async function memoryOf(storage: Storage, stateDir: string): Promise<number> {
  const engine = await startEngine(storage, stateDir);
  try {
    return residentMemory(engine.pid);
  } finally {
    await engine.stop();
  }
}

/** Bytes an orchestration, of a state folder that no host holds. */
function bytesOf(stateDir: string): { onDisk: number; events: number } {
  const files = readdirSync(stateDir).filter((name) => name.startsWith('taskhub.db'));
  const bytes = files.reduce((sum, name) => sum + statSync(path.join(stateDir, name)).size, 0);
  const db = openDatabase(stateDir);
  try {
    const row = db.prepare('SELECT sum(octet_length(events)) AS bytes FROM history').get();
    const events = Number(row?.['bytes']);
    return { onDisk: bytes / FINISHED.orchestrations, events: events / FINISHED.orchestrations };
  } finally {
    db.close();
  }
}
