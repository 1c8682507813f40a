import {
  FORMS,
  hasValue,
  mergeKeys,
  missingKeys,
  type Form,
  type KeyEntry,
} from '../../../shared/domain/key-credentials.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { ApplicationTarget } from '../../../shared/domain/target.ts';
import { holds, idsOf } from './own-entries.ts';
import type { HeldTurn } from './in-turn.ts';
import { keysLost, notSettled } from './key-refusals.ts';
import type { KeyPorts } from './ports.ts';

/** Pauses between looks. */
export const PAUSES_MS = [0, 250, 500, 1_000, 2_000, 4_000, 8_000] as const;
/** The change itself, and twice putting back what it lost. */
const MOST_WRITES = 3;
/** Pauses between looks right before a change. */
const LOOK_PAUSES_MS = [0, 250, 500, 1_000] as const;
/** The turn has to last for what is sent after the look. */
const LONGEST_LOOK_MS = 10_000;
/** So often a change begins anew when somebody else adds keys meanwhile. */
export const MOST_LOOKS = 3;

interface Writing {
  readonly entries: readonly KeyEntry[];
  readonly lost: readonly KeyEntry[];
  /** What an earlier change lost and cannot be put back; not forgotten until it is told. */
  readonly gone: readonly KeyEntry[];
  readonly remove: readonly KeyEntry[];
  readonly add: Parameters<typeof mergeKeys>[0]['add'];
  /** Forms in which something was lost: none of them is used again. */
  readonly lossy: readonly Form[];
}

/** What came of a change. */
export type Written =
  | { readonly kind: 'seen'; readonly after: readonly KeyEntry[] }
  /** Nothing was changed: the look right before showed keys that the one before it had not. */
  | { readonly kind: 'more'; readonly look: readonly KeyEntry[] }
  /** Nothing was changed: keys were not there any more, or the look was an old one. */
  | { readonly kind: 'less' };

/**
 * Writes until nothing is missing that should be there; answers what a look then showed. Each
 * collection is made of a look right before it is sent: where that shows another state than what was
 * decided with, nothing is sent.
 */
export async function writeAndCompare(
  ports: KeyPorts,
  target: ApplicationTarget,
  writing: Writing,
  turn: HeldTurn,
): Promise<Written> {
  const { entries, lost, gone, remove, add } = writing;
  let wanted: readonly KeyEntry[] = [...entries, ...lost].filter((one) => !remove.includes(one));
  let there = entries;
  let lossy = writing.lossy;
  let moved = 0;
  for (let writes = 1; ; writes += 1) {
    const missing = missingKeys(wanted, there);
    const sent = await replace(
      ports,
      target,
      { there, lost: missing, add, remove },
      { wanted, gone, lossy, turn },
    );
    if (sent.kind !== 'sent') {
      if (writes === 1) return sent;
      moved += 1;
      // What was lost before is written down, and the next change puts it back.
      if (sent.kind === 'less' || moved > MOST_LOOKS) throw notSettled(target);
      wanted = withNews(wanted, sent.look, writing);
      there = sent.look;
      writes -= 1;
      continue;
    }
    const used = sent.form;
    const after = await readVisible(ports, target, {
      ...{ add, remove, back: missing.filter(hasValue), before: there },
    });
    // Whoever has had the turn since may have taken away what is missing.
    await turn.keep();
    const still = missingKeys(wanted, after);
    if (still.length === 0 && add.every((key) => holds(after, key))) {
      return { kind: 'seen', after };
    }
    lossy = [...lossy, used];
    const canGoOn = writes < MOST_WRITES && FORMS.some((form) => !lossy.includes(form));
    if (still.length === 0 && !canGoOn) throw notSettled(target);
    if (still.length > 0 && !(canGoOn && still.some(hasValue)))
      throw keysLost(target, [...still, ...gone]);
    wanted = withNews(wanted, after, writing);
    there = after;
  }
}

/** What was seen since is to survive as well; what is to go, or comes with the change, is known. */
function withNews(
  wanted: readonly KeyEntry[],
  look: readonly KeyEntry[],
  { remove, add }: Writing,
): readonly KeyEntry[] {
  const news = missingKeys(look, [...wanted, ...remove]).filter(
    ({ thumbprint }) => !add.some((key) => key.thumbprint === thumbprint),
  );
  return [...wanted, ...news];
}

/**
 * Sends the collection in the first form that is not refused, and writes down before in which. Looks
 * once more in between, so that what it may overwrite is no older than a request.
 */
async function replace(
  ports: KeyPorts,
  target: ApplicationTarget,
  change: Parameters<typeof mergeKeys>[0],
  writing: {
    readonly wanted: readonly KeyEntry[];
    readonly gone: readonly KeyEntry[];
    readonly lossy: readonly Form[];
    readonly turn: HeldTurn;
  },
): Promise<Exclude<Written, { kind: 'seen' }> | { readonly kind: 'sent'; readonly form: Form }> {
  const { applications, now } = ports;
  const { wanted, gone, lossy, turn } = writing;
  const lost = [...change.lost, ...gone];
  // What nobody was told of yet is not forgotten.
  const before = [...wanted, ...gone];
  const forms = FORMS.filter((form) => !lossy.includes(form));
  // A tenant may allow keys for less time than their certificates are valid.
  const dates = change.add.length > 0 ? (['own', 'left-out'] as const) : (['own'] as const);
  const shows = {
    there: [...change.add, ...change.lost.filter(hasValue)].flatMap(
      ({ thumbprint }) => thumbprint ?? [],
    ),
    gone: change.remove.map(({ keyId }) => keyId),
  };
  let refusal: TerminalError = keysLost(target, lost);
  for (const [ofNew, form] of dates.flatMap((one) => forms.map((form) => [one, form] as const))) {
    // Nobody else may begin while this is on its way.
    await turn.begin({ at: now().toISOString(), before, shows, form, lossy });
    const look = await lookAgain(ports, target, change.there, turn);
    if (look === undefined) return { kind: 'less' };
    if (look.some(({ keyId }) => !idsOf(change.there).has(keyId))) return { kind: 'more', look };
    try {
      await applications.replace(target.appId, mergeKeys({ ...change, there: look }, form, ofNew));
      return { kind: 'sent', form };
    } catch (error) {
      if (!(error instanceof TerminalError) || error.problem.code !== 'KEYS_REFUSED') throw error;
      refusal = error;
    }
  }
  throw lost.length > 0 ? keysLost(target, lost) : refusal;
}

/**
 * What is there right before it is replaced: whatever the last look showed, or more. A look that shows
 * less may be an old one. Undefined = it stays so: its owner may have taken something away.
 */
async function lookAgain(
  { applications, now, pause }: KeyPorts,
  target: ApplicationTarget,
  before: readonly KeyEntry[],
  turn: HeldTurn,
): Promise<readonly KeyEntry[] | undefined> {
  let heldAt = now().getTime();
  for (const wait of LOOK_PAUSES_MS) {
    await pause(wait);
    const { entries } = await applications.read(target.appId);
    if (now().getTime() - heldAt > LONGEST_LOOK_MS) {
      // What is sent now might arrive after the turn is over.
      await turn.keep();
      heldAt = now().getTime();
      continue;
    }
    const ids = idsOf(entries);
    if (before.every(({ keyId }) => ids.has(keyId))) return entries;
  }
  return undefined;
}

/** Looks until the change can be seen, or another state than the one before it stays. */
async function readVisible(
  { applications, pause }: KeyPorts,
  target: ApplicationTarget,
  wanted: {
    readonly add: Writing['add'];
    readonly remove: readonly KeyEntry[];
    readonly back: readonly KeyEntry[];
    readonly before: readonly KeyEntry[];
  },
): Promise<readonly KeyEntry[]> {
  const { add, remove, back, before } = wanted;
  let last: readonly KeyEntry[] = before;
  for (const wait of PAUSES_MS) {
    await pause(wait);
    last = (await applications.read(target.appId)).entries;
    const isVisible =
      add.every((key) => holds(last, key)) &&
      !remove.some(({ keyId }) => last.some((one) => one.keyId === keyId)) &&
      missingKeys(back, last).length === 0;
    if (isVisible) return last;
  }
  // What somebody else added meanwhile says nothing of the change.
  const same =
    before.every(({ keyId }) => idsOf(last).has(keyId)) &&
    !add.some((key) => holds(last, key) && !holds(before, key)) &&
    missingKeys(back, last).length === back.length;
  // What is another state than before the change, and not what it was to be, is for the caller.
  if (!same) return last;
  throw notSettled(target);
}
