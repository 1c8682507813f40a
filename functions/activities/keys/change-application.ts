import {
  hasValue,
  missingKeys,
  type Form,
  type KeyEntry,
} from '../../../shared/domain/key-credentials.ts';
import type { KeyNotes, UnfinishedChange } from '../../../shared/domain/key-ports.ts';
import { keyName } from '../../../shared/domain/public-key.ts';
import type { ApplicationTarget } from '../../../shared/domain/target.ts';
import { inTurn, type HeldTurn } from './in-turn.ts';
import { keysLost, notSettled } from './key-refusals.ts';
import { goingWith, holds, idsOf, ownAfter, toIntended } from './own-entries.ts';
import type { ChangedKeys, ChangeOptions, DecideKeys, KeyChange, KeyPorts } from './ports.ts';
import { MOST_LOOKS, PAUSES_MS, writeAndCompare } from './write-keys.ts';

/** Within this time after a change a look may still show what was before it. */
const SETTLES_MS = 60_000;
/** What a change lost that was cut off is put back so long; later its owner may have removed it. */
const PUT_BACK_MS = 3_600_000;

/**
 * Changes the keys of one application: takes its turn, reads, decides, reads again, replaces the
 * collection, reads once more and compares; what the replacement lost is put back. What was there is written down
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
  const { own, now } = ports;
  return await inTurn(ports, target, options, async (turn) => {
    const notes = await own.read(target);
    const pauses = options.hurried === true ? [0] : PAUSES_MS;
    const first = await readSettled(ports, target, notes, pauses);
    const done = await writeDecided(ports, target, { notes, first, decide, turn });
    const { change, at, gone, added, going, after } = done;
    const seenAt = now().toISOString();
    const kept = ownAfter({ before: notes.own, change, added, after, at, seenAt });
    await turn.settle({
      seen: { at: seenAt, keyIds: after.map(({ keyId }) => keyId) },
      keep: kept.filter((one) => !notes.own.includes(one)),
      drop: change.remove,
      untold: gone,
    });
    const told = missingKeys(notes.untold ?? [], after);
    const lost = [...gone, ...told.filter(({ keyId }) => !idsOf(gone).has(keyId))];
    if (lost.length > 0) throw keysLost(target, lost);
    return { entries: after, own: kept, change, removed: going.keys, seenAt };
  });
}

/**
 * Decides, and writes what was decided. If somebody else added keys in between, both is done once more
 * with the newer look.
 */
async function writeDecided(
  ports: KeyPorts,
  target: ApplicationTarget,
  facts: {
    readonly notes: KeyNotes;
    readonly first: readonly KeyEntry[];
    readonly decide: DecideKeys;
    readonly turn: HeldTurn;
  },
) {
  const { notes, first, decide, turn } = facts;
  let entries = first;
  for (let looks = 1; looks <= MOST_LOOKS; looks += 1) {
    const change = await decide({ entries, own: notes.own });
    const at = ports.now().toISOString();
    const { back, gone, lossy } = lostBefore(notes, entries, change, ports.now());
    const toAdd = change.add.filter((key) => !holds(entries, key));
    const added = toAdd.map((key) => toIntended(key, notes.own, at));
    const going = goingWith(change, notes.own, entries);
    const decided = { change, at, gone, added, going };
    if (toAdd.length + going.entries.length + back.length === 0) {
      return { ...decided, after: entries };
    }
    await turn.keep(added);
    const written = await writeAndCompare(
      ports,
      target,
      {
        ...{ entries, lost: back, gone, remove: going.entries, lossy },
        add: toAdd.map((key) => ({ ...key, displayName: keyName(key.source) })),
      },
      turn,
    );
    if (written.kind === 'seen') return { ...decided, after: written.after };
    await takeBack(turn, notes, at);
    if (written.kind === 'less') break;
    entries = written.look;
  }
  throw notSettled(target);
}

/** Nothing was sent: what is written down of it would bring keys back that their owners took away. */
async function takeBack(
  turn: HeldTurn,
  { unfinished, seen = { at: '', keyIds: [] }, untold = [] }: KeyNotes,
  at: string,
): Promise<void> {
  if (unfinished !== undefined) await turn.begin(unfinished);
  else
    await turn.settle({
      seen: seen.at === '' ? { ...seen, at } : seen,
      keep: [],
      drop: [],
      untold,
    });
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
  for (const wait of pauses) {
    await pause(wait);
    // An answer that was long on its way shows what was when it was asked for.
    const asked = now().getTime();
    const isRecent = ({ at }: { readonly at: string }): boolean =>
      asked - Date.parse(at) < SETTLES_MS;
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
  { own, unfinished }: KeyNotes,
  entries: readonly KeyEntry[],
  change: KeyChange,
  now: Date,
): {
  readonly back: readonly KeyEntry[];
  readonly gone: readonly KeyEntry[];
  readonly lossy: readonly Form[];
} {
  if (unfinished === undefined) return { back: [], gone: [], lossy: [] };
  const going = goingWith(change, own, unfinished.before).entries;
  const missing = missingKeys(unfinished.before, entries).filter((one) => !going.includes(one));
  const recent = now.getTime() - Date.parse(unfinished.at) <= PUT_BACK_MS;
  const mayComeBack = (one: KeyEntry): boolean => recent && hasValue(one);
  return {
    back: missing.filter(mayComeBack),
    gone: missing.filter((one) => !mayComeBack(one)),
    lossy: missing.length === 0 ? unfinished.lossy : [...unfinished.lossy, unfinished.form],
  };
}
