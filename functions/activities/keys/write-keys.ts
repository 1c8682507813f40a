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

/** Writes until nothing is missing that should be there; answers what a look then showed. */
export async function writeAndCompare(
  ports: KeyPorts,
  target: ApplicationTarget,
  writing: Writing,
  turn: HeldTurn,
): Promise<readonly KeyEntry[]> {
  const { entries, lost, gone, remove, add } = writing;
  const wanted = [...entries, ...lost].filter((one) => !remove.includes(one));
  let there = entries;
  let lossy = writing.lossy;
  for (let writes = 1; ; writes += 1) {
    const missing = missingKeys(wanted, there);
    const used = await replace(
      ports,
      target,
      { there, lost: missing, add, remove },
      { wanted, gone, lossy, turn },
    );
    const after = await readVisible(ports, target, {
      ...{ add, remove, back: missing.filter(hasValue), before: there },
    });
    // Whoever has had the turn since may have taken away what is missing.
    await turn.keep();
    const still = missingKeys(wanted, after);
    if (still.length === 0 && add.every((key) => holds(after, key))) return after;
    lossy = [...lossy, used];
    const canGoOn = writes < MOST_WRITES && FORMS.some((form) => !lossy.includes(form));
    if (still.length === 0 && !canGoOn) throw notSettled(target);
    if (still.length > 0 && !(canGoOn && still.some(hasValue)))
      throw keysLost(target, [...still, ...gone]);
    there = after;
  }
}

/** Sends the collection in the first form that is not refused, and writes down before in which. */
async function replace(
  { applications, now }: KeyPorts,
  target: ApplicationTarget,
  change: Parameters<typeof mergeKeys>[0],
  writing: {
    readonly wanted: readonly KeyEntry[];
    readonly gone: readonly KeyEntry[];
    readonly lossy: readonly Form[];
    readonly turn: HeldTurn;
  },
): Promise<Form> {
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
    try {
      await applications.replace(target.appId, mergeKeys(change, form, ofNew));
      return form;
    } catch (error) {
      if (!(error instanceof TerminalError) || error.problem.code !== 'KEYS_REFUSED') throw error;
      refusal = error;
    }
  }
  throw lost.length > 0 ? keysLost(target, lost) : refusal;
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
  const same = last.length === before.length && last.every(({ keyId }) => idsOf(before).has(keyId));
  // What is another state than before the change, and not what it was to be, is for the caller.
  if (!same) return last;
  throw notSettled(target);
}
