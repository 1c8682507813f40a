/** The walk of a round: parts are read one after another and their documents brought up to date. */
import { isDeepStrictEqual } from 'node:util';
import { mapBounded } from '../../map-bounded.ts';
import { partsOf, type Part, type Walk } from './parts.ts';
import type { Position } from './position.ts';
import { nameOf, toReadError } from './read-documents.ts';
import { AT_ONCE } from './read-part.ts';
import { NOTHING_KNOWN, type Known } from './reading.ts';
import {
  digest,
  fromDocumentRow,
  fromPartRow,
  putRows,
  rowsOf,
  toDocumentRow,
  toPartRow,
  type PartRow,
  type UsageTable,
} from './usage-rows.ts';
import type { AzureClients } from '../azure-clients.ts';
import type { Row } from '../tables.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';
import { TransientError, type Problem } from '../../domain/errors.ts';

export interface Walked {
  /** Where to go on; absent = the walk is at its end. */
  readonly position?: Position;
  readonly documents: number;
  readonly problems: readonly Problem[];
}

/**
 * Walks until so many calls to Azure were made. A part that may not be read keeps what was known
 * of it; when nothing was, it becomes one document that may name anything.
 *
 * Thrown when nothing could be done: TransientError. After some progress it is only returned
 * earlier, so that the next call begins with what failed.
 */
export async function walkOn(
  walk: Walk,
  { at, calls }: { readonly at: string; readonly calls: number },
  table: UsageTable,
  clients: AzureClients,
): Promise<Walked> {
  const { service, reading } = walk;
  const seen = new Map<string, PartRow>();
  for await (const row of rowsOf(table, 'parts', service.name)) {
    const part = fromPartRow(row);
    seen.set(part.place, part);
  }
  const take = async (part: Part, one: Begun): Promise<void> => {
    try {
      const taken = await takePart(part, at, { walk, table, clients, seen });
      one.outcome = { kind: 'done', taken };
    } catch (error) {
      one.outcome = { kind: 'failed', error };
    }
  };

  const parts = partsOf(walk);
  const begun: Begun[] = [];
  const running = new Set<Promise<void>>();
  let ended = false;
  while (!ended && (reading.gate.calls < calls || begun.length === 0)) {
    // A large part keeps others from being begun, so that a call does little more than it should.
    await reading.gate.room();
    if (running.size >= PARTS_AT_ONCE) await Promise.race(running);
    if (begun.some(({ outcome }) => outcome?.kind === 'failed')) break;
    const one: Begun = {};
    try {
      const next = await parts.next();
      ended = next.done === true;
      if (next.done === true) break;
      begun.push(one);
      one.position = next.value.position;
      const taking = take(next.value, one).finally(() => running.delete(taking));
      running.add(taking);
    } catch (error) {
      begun.push(one);
      one.outcome = { kind: 'failed', error };
    }
  }
  await Promise.all(running);
  await parts.return(undefined);

  const failedAt = begun.findIndex(({ outcome }) => outcome?.kind === 'failed');
  const done = failedAt < 0 ? begun : begun.slice(0, failedAt);
  const taken = done.flatMap(({ outcome }) => (outcome?.kind === 'done' ? [outcome.taken] : []));
  // That a part was seen is written last: until then it is done again.
  await putRows(
    table,
    taken.map(({ row }) => toPartRow(service.name, row)),
  );
  const walked = {
    documents: taken.reduce((sum, { row }) => sum + row.documents, 0),
    problems: taken.flatMap(({ problem }) => problem ?? []),
  };
  const position = done.at(-1)?.position;
  const outcome = begun[failedAt]?.outcome;
  if (outcome?.kind === 'failed') {
    const failure = await toReadError(outcome.error, clients, service, service.name);
    if (!(failure instanceof TransientError) || position === undefined) throw failure;
    return { ...walked, position };
  }
  return ended || position === undefined ? walked : { ...walked, position };
}

/** Parts that are read at once; the gate bounds what they ask for. */
const PARTS_AT_ONCE = 4;

/** A part that was begun, or what kept more of them from being found. */
interface Begun {
  position?: Position;
  outcome?:
    | { readonly kind: 'done'; readonly taken: Taken }
    | { readonly kind: 'failed'; readonly error: unknown };
}

interface Taken {
  readonly row: PartRow;
  readonly problem?: Problem;
}

interface Taking {
  readonly walk: Walk;
  readonly table: UsageTable;
  readonly clients: AzureClients;
  /** Parts that are in the index, by place. */
  readonly seen: ReadonlyMap<string, PartRow>;
}

async function takePart(part: Part, at: string, taking: Taking): Promise<Taken> {
  const { walk, table, clients, seen } = taking;
  const { service } = walk;
  const place = part.place.toLowerCase();
  const before = seen.get(place);
  const known = before?.documents === 0 ? NOTHING_KNOWN : await knownOf(table, service.name, place);
  try {
    // A list whose pages shift while it is read may show something twice.
    const documents = [...byPath(await part.read(known)).values()];
    // Whoever comes after a crash in between must look for what was there.
    if (before?.documents === 0 && documents.length > 0) {
      const row = { ...before, documents: documents.length };
      await putRows(table, [toPartRow(service.name, row)]);
    }
    await keep(documents, known, part, taking);
    return { row: { place, at, documents: documents.length } };
  } catch (error) {
    const failure = await toReadError(error, clients, service, nameOf(part, service));
    if (failure instanceof TransientError || failure.problem.code === 'SERVICE_NOT_FOUND') {
      throw failure;
    }
    return { row: await keepUnread(part, at, failure.problem, taking), problem: failure.problem };
  }
}

/** What was known of a part stands; where nothing was, it may name any certificate. */
async function keepUnread(
  part: Part,
  at: string,
  problem: Problem,
  { walk, table, seen }: Taking,
): Promise<PartRow> {
  const { service, reading } = walk;
  const place = part.place.toLowerCase();
  const before = seen.get(place);
  const below = part.unlisted && [...seen.keys()].some((one) => one.startsWith(`${place}/`));
  if (before === undefined && !below) {
    const unread: UseDocument = {
      path: part.place,
      kind: 'policy',
      readAt: reading.now(),
      mentions: [],
      unreadable: problem.message,
    };
    await putRows(table, [toDocumentRow(service.name, part.place, unread)]);
  }
  const documents = before?.documents ?? (below ? 0 : 1);
  return { place, at, documents, ...(part.unlisted ? { unlisted: true } : {}) };
}

function byPath(documents: readonly UseDocument[]): Map<string, UseDocument> {
  return new Map(documents.map((document) => [document.path.toLowerCase(), document]));
}

async function knownOf(table: UsageTable, service: string, place: string): Promise<Known> {
  const known = new Map<string, UseDocument>();
  for await (const row of rowsOf(table, 'documents', service, digest(place))) {
    const { document } = fromDocumentRow(row);
    known.set(document.path.toLowerCase(), document);
  }
  return known;
}

/** Writes what is new or different, and takes away what is gone. */
async function keep(
  documents: readonly UseDocument[],
  known: Known,
  part: Part,
  { walk, table }: Taking,
): Promise<void> {
  const { name } = walk.service;
  const gone = new Map(known);
  const changed: Row[] = [];
  for (const document of documents) {
    const before = known.get(document.path.toLowerCase());
    gone.delete(document.path.toLowerCase());
    if (before === document) continue;
    const row = toDocumentRow(name, part.place, document);
    if (before !== undefined) {
      // As it is stored, but for when it was read.
      const asBefore = toDocumentRow(name, part.place, { ...before, readAt: document.readAt });
      if (isDeepStrictEqual(row, asBefore)) continue;
    }
    changed.push(row);
  }
  await putRows(table, changed);
  await mapBounded([...gone.values()], AT_ONCE, (document) => {
    const { partition, key } = toDocumentRow(name, part.place, document);
    return table.remove(partition, key);
  });
}
