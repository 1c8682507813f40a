import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { HistoryEvent } from '../../../local/host/durable/history.ts';

/** What one execution of an orchestration went through, recorded with a release. */
export interface RecordedHistory {
  /** The release: version of package.json. */
  readonly release: string;
  readonly orchestration: string;
  /** What happened, as a sentence. */
  readonly course: string;
  readonly events: readonly HistoryEvent[];
}

const folder = path.join(import.meta.dirname, '..', '..', 'histories');

/** Every history of every release, in the order of their files. */
export function readHistories(): readonly RecordedHistory[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')) as RecordedHistory);
}

/** Puts the histories of a release in place of those it had. */
export function writeHistories(release: string, histories: readonly RecordedHistory[]): string {
  const target = path.join(folder, release);
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const history of histories) {
    const { events, ...about } = history;
    const head = JSON.stringify(about, null, 2).slice(0, -2);
    // An event a line: what differs between releases can be read off a diff.
    const lines = events.map((event) => `    ${JSON.stringify(event)}`).join(',\n');
    writeFileSync(
      path.join(target, `${toFileName(history)}.json`),
      `${head},\n  "events": [\n${lines}\n  ]\n}\n`,
    );
  }
  return target;
}

function toFileName({ orchestration, course }: RecordedHistory): string {
  return `${orchestration} ${course}`.replace(/[^A-Za-z0-9]+/g, '-').toLowerCase();
}
