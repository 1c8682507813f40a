import {
  hasValue,
  missingKeys,
  type Form,
  type KeyEntry,
} from '../../../shared/domain/key-credentials.ts';
import type { KeyNotes, UnfinishedChange } from '../../../shared/domain/ports.ts';
import { keyName } from '../../../shared/domain/public-key.ts';
import type { ApplicationTarget } from '../../../shared/domain/target.ts';
import { inTurn } from './in-turn.ts';
import { keysLost, notSettled } from './key-refusals.ts';
import { goingWith, holds, idsOf, ownAfter, toIntended } from './own-entries.ts';
import type { ChangedKeys, ChangeOptions, DecideKeys, KeyChange, KeyPorts } from './ports.ts';
import { PAUSES_MS, writeAndCompare } from './write-keys.ts';

/** Within this time after a change a look may still show what was before it. */
const SETTLES_MS = 60_000;
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
  const { own, now } = ports;
  return await inTurn(ports, target, options, async (turn) => {
    const notes = await own.read(target);
    const pauses = options.hurried === true ? [0] : PAUSES_MS;
    const entries = await readSettled(ports, target, notes, pauses);
    const change = await decide({ entries, own: notes.own });
    const at = now().toISOString();
    const { back, gone, lossy } = lostBefore(notes, entries, change, now());
    const toAdd = change.add.filter((key) => !holds(entries, key));
    const added = toAdd.map((key) => toIntended(key, notes.own, at));
    const going = goingWith(change, notes.own, entries);
    let after = entries;
    if (toAdd.length > 0 || going.entries.length > 0 || back.length > 0) {
      await turn.keep(added);
      after = await writeAndCompare(
        ports,
        target,
        {
          ...{ entries, lost: back, gone, remove: going.entries, lossy },
          add: toAdd.map((key) => ({ ...key, displayName: keyName(key.source) })),
        },
        turn,
      );
    }
    const seenAt = now().toISOString();
    const kept = ownAfter({ before: notes.own, change, added, after, at, seenAt });
    await turn.settle({
      seen: { at: seenAt, keyIds: after.map(({ keyId }) => keyId) },
      keep: kept.filter((one) => !notes.own.includes(one)),
      drop: change.remove,
    });
    if (gone.length > 0) throw keysLost(target, gone);
    return { entries: after, own: kept, change, removed: going.keys, seenAt };
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
