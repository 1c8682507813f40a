import { randomUUID } from 'node:crypto';
import {
  hasValue,
  missingKeys,
  type Form,
  type KeyEntry,
} from '../../../shared/domain/key-credentials.ts';
import type { KeyNotes, UnfinishedChange } from '../../../shared/domain/ports.ts';
import { keyName } from '../../../shared/domain/public-key.ts';
import type { ApplicationTarget } from '../../../shared/domain/target.ts';
import { isBusy, keysLost, notSettled } from './key-refusals.ts';
import { entryOf, holds, idsOf, ownAfter, toIntended } from './own-entries.ts';
import type { ChangedKeys, ChangeOptions, DecideKeys, KeyChange, KeyPorts } from './ports.ts';
import { PAUSES_MS, TURN_SECONDS, writeAndCompare } from './write-keys.ts';

/** Within this time after a change a look may still show what was before it. */
const SETTLES_MS = 60_000;
/** Pauses between tries to have the turn. */
const TURN_PAUSES_MS = [0, 100, 200, 400, 800, 1_600] as const;
/** What a change lost that was cut off is put back so long; later its owner may have removed it. */
const PUT_BACK_MS = 3_600_000;

/**
 * Changes the keys of one application: takes its turn, reads, decides, replaces the collection,
 * reads again and compares; what the replacement lost is put back. What was there is written down
 * before, so that a change that is cut off anywhere is finished by the next one.
 *
 * Thrown: TerminalError `KEYS_LOST`, which names what could not be put back; `KEYS_REFUSED`;
 * TransientError while another change is on its way, or the directory has not caught up.
 */
export async function changeApplication(
  ports: KeyPorts,
  target: ApplicationTarget,
  decide: DecideKeys,
  options: ChangeOptions = {},
): Promise<ChangedKeys> {
  const { own } = ports;
  const holder = randomUUID();
  const pauses = options.hurried === true ? [0] : TURN_PAUSES_MS;
  if (!(await takeTurn(ports, target, holder, pauses))) throw isBusy(target);
  try {
    return await changeInTurn(ports, target, { decide, ...options }, holder);
  } finally {
    // A turn that could not be given back ends by itself.
    await own.giveBack(target, holder).catch(() => undefined);
  }
}

/** Another change takes a second or two: often it is over before this gives up. */
async function takeTurn(
  { own, now, pause }: KeyPorts,
  target: ApplicationTarget,
  holder: string,
  pauses: readonly number[],
): Promise<boolean> {
  for (const wait of pauses) {
    await pause(wait);
    if (await own.take(target, holder, now(), TURN_SECONDS)) return true;
  }
  return false;
}

async function changeInTurn(
  ports: KeyPorts,
  target: ApplicationTarget,
  { decide, hurried }: ChangeOptions & { readonly decide: DecideKeys },
  holder: string,
): Promise<ChangedKeys> {
  const { own, now } = ports;
  const notes = await own.read(target);
  const entries = await readSettled(ports, target, notes, hurried === true ? [0] : PAUSES_MS);
  const change = await decide({ entries, own: notes.own });
  const at = now().toISOString();
  const { back, gone, lossy } = lostBefore(notes, entries, change, now());
  const toAdd = change.add.filter((key) => !holds(entries, key));
  const remove = change.remove.flatMap((key) => entryOf(key, entries) ?? []);
  let after = entries;
  if (toAdd.length > 0 || remove.length > 0 || back.length > 0) {
    for (const key of toAdd) await own.save(target, toIntended(key, notes.own, at));
    after = await writeAndCompare(
      ports,
      target,
      {
        ...{ entries, lost: back, gone, remove, lossy },
        add: toAdd.map((key) => ({ ...key, displayName: keyName(key.source) })),
      },
      holder,
    );
  }
  // Whoever has had it since writes down what he saw.
  if (!(await own.extend(target, holder, now(), TURN_SECONDS))) throw isBusy(target);
  const seenAt = now().toISOString();
  const kept = ownAfter({ before: notes.own, change, added: toAdd, after, at, seenAt });
  for (const key of kept.filter((one) => !notes.own.includes(one))) await own.save(target, key);
  for (const key of change.remove) await own.drop(target, key);
  await own.settle(target, { at: seenAt, keyIds: after.map(({ keyId }) => keyId) });
  if (gone.length > 0) throw keysLost(target, gone);
  return { entries: after, own: kept, change, seenAt };
}

/**
 * Reads until what the last change left is there, and what a change that was cut off was to lead to:
 * a look may show an older state for a while, and a collection made of that would lose what came
 * since. After a minute a look is believed, whatever it shows.
 */
async function readSettled(
  { applications, now, pause }: KeyPorts,
  target: ApplicationTarget,
  { seen, unfinished }: KeyNotes,
  pauses: readonly number[],
): Promise<readonly KeyEntry[]> {
  const isRecent = ({ at }: { readonly at: string }): boolean =>
    now().getTime() - Date.parse(at) < SETTLES_MS;
  for (const wait of pauses) {
    await pause(wait);
    const { entries } = await applications.read(target.appId);
    const ids = idsOf(entries);
    const isBehind =
      (seen !== undefined && isRecent(seen) && !seen.keyIds.every((id) => ids.has(id))) ||
      (unfinished !== undefined && isRecent(unfinished) && !isDone(unfinished, entries));
    if (!isBehind) return entries;
  }
  throw notSettled(target);
}

function isDone({ shows }: UnfinishedChange, entries: readonly KeyEntry[]): boolean {
  const ids = idsOf(entries);
  return (
    shows.there.every((thumbprint) => holds(entries, { thumbprint })) &&
    !shows.gone.some((id) => ids.has(id))
  );
}

/**
 * What a change that was cut off lost: what is put back, and what cannot be or must not, since its
 * owner may have taken it away meanwhile.
 */
function lostBefore(
  { unfinished }: KeyNotes,
  entries: readonly KeyEntry[],
  change: KeyChange,
  now: Date,
): {
  readonly back: readonly KeyEntry[];
  readonly gone: readonly KeyEntry[];
  readonly lossy: readonly Form[];
} {
  if (unfinished === undefined) return { back: [], gone: [], lossy: [] };
  const removed = change.remove.flatMap((key) => entryOf(key, unfinished.before) ?? []);
  const missing = missingKeys(unfinished.before, entries).filter((one) => !removed.includes(one));
  const recent = now.getTime() - Date.parse(unfinished.at) <= PUT_BACK_MS;
  const mayComeBack = (one: KeyEntry): boolean => recent && hasValue(one);
  return {
    back: missing.filter(mayComeBack),
    gone: missing.filter((one) => !mayComeBack(one)),
    lossy: missing.length === 0 ? unfinished.lossy : [...unfinished.lossy, unfinished.form],
  };
}
