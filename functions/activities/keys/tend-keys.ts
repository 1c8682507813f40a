import { entryOf, holds, isOf } from './own-entries.ts';
import type { ChangeKeys } from './change-keys.ts';
import { NotNowError } from './ports.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import { endOfOverlap, isDue, type OwnKey } from '../../../shared/domain/public-key.ts';
import { formatSource, isWithoutVault, type Source } from '../../../shared/domain/source.ts';
import { formatTarget, type KeyTarget } from '../../../shared/domain/target.ts';

export interface TendPorts {
  readonly change: ChangeKeys;
  readonly certificates: PublicCertificates;
  readonly ledger: Pick<Ledger, 'binding' | 'saveBinding'>;
  readonly history: Pick<History, 'add'>;
  readonly now: () => Date;
  readonly overlapSeconds: number;
}

/**
 * Who signs in with a key that has expired is turned away whether or not it is there; so it goes, also
 * while nobody can say whether it is the current one, e.g. of a source that is disabled.
 */
const EXPIRED_GRACE_MS = 7 * 86_400_000;

/** What tending a place came to. */
export interface Tended {
  /** Keys of Certkeeper's own that are there. */
  readonly keys: number;
  /** Keys whose time was over for a source, and that were taken away. */
  readonly removed: number;
  /** Bindings whose key is not there any more, so that a sync looks at them. */
  readonly doubted: number;
}

/**
 * Looks after what Certkeeper has registered at a place: takes away what is due, whoever asked for
 * it and whether or not a sync ever comes again, and takes the ledger's word back where a key is
 * gone. What is the current version of its source is never taken away, whatever is written down; what
 * cannot be asked about stays, until it has been expired for {@link EXPIRED_GRACE_MS}.
 */
export async function tendKeys(ports: TendPorts, target: KeyTarget): Promise<Tended> {
  const current = new Map<string, string | undefined>();
  try {
    return await tend(ports, target, current);
  } catch (error) {
    // A change is on its way, or cannot be seen yet: the next sweep comes soon enough.
    if (error instanceof NotNowError) return { keys: 0, removed: 0, doubted: 0 };
    throw error;
  }
}

async function tend(
  ports: TendPorts,
  target: KeyTarget,
  current: Map<string, string | undefined>,
): Promise<Tended> {
  const { change, now } = ports;
  const changed = await change(
    target,
    async ({ own }) => {
      for (const source of sourcesWithSeveral(own, now())) {
        current.set(formatSource(source), await currentOf(ports, source));
      }
      return {
        add: [],
        remove: own.filter((key) => isDue(key, now()) && !mayBeCurrent(key, current, now())),
        note: (key) => noteEnd(ports, key, own, current),
      };
    },
    { hurried: true },
  );
  const { entries, own, removed } = changed;
  for (const key of removed) await note(ports, target, key);
  let doubted = 0;
  for (const key of own) {
    if (key.removeAfter !== undefined || entryOf(key, entries) !== undefined) continue;
    if (holds(entries, key)) continue;
    if (await doubt(ports, target, key)) doubted += 1;
  }
  const keys = new Set(own.flatMap((key) => entryOf(key, entries) ?? []));
  return { keys: keys.size, removed: removed.length, doubted };
}

/** Those of which it has to be known which key is the current one. */
function sourcesWithSeveral(own: readonly OwnKey[], now: Date): readonly Source[] {
  const all = Map.groupBy(
    own.filter(({ source }) => !isWithoutVault(source)),
    ({ source }) => formatSource(source),
  );
  return [...all.values()].flatMap((keys) => {
    const [first] = keys;
    return first !== undefined && (keys.length > 1 || isDue(first, now)) ? [first.source] : [];
  });
}

/** The thumbprint of the current version; undefined = nobody can tell, `''` = there is none. */
async function currentOf({ certificates }: TendPorts, source: Source): Promise<string | undefined> {
  try {
    return (await certificates.readPublic(source)).thumbprint;
  } catch (error) {
    if (error instanceof TerminalError && error.problem.code === 'SOURCE_NOT_FOUND') return '';
    // The sweep goes on with the other keys, and asks again the next time.
    if (error instanceof TerminalError) return undefined;
    throw error;
  }
}

function mayBeCurrent(
  key: OwnKey,
  current: ReadonlyMap<string, string | undefined>,
  now: Date,
): boolean {
  if (isWithoutVault(key.source)) return false;
  const thumbprint = current.get(formatSource(key.source));
  if (thumbprint !== undefined) return thumbprint === key.thumbprint;
  return now.getTime() - Date.parse(key.expiresAt) < EXPIRED_GRACE_MS;
}

/** Whether the source's current version is registered here as another key, and was seen. */
function isReplaced(
  key: OwnKey,
  own: readonly OwnKey[],
  current: ReadonlyMap<string, string | undefined>,
): boolean {
  const thumbprint = current.get(formatSource(key.source));
  return (
    thumbprint !== key.thumbprint &&
    own.some(
      (one) =>
        isOf(one, key.source) && one.thumbprint === thumbprint && one.verifiedAt !== undefined,
    )
  );
}

/**
 * What is written down of a key's end: a registration that was cut off may have set none for the key
 * before it, or left one at the key that is current now.
 */
function noteEnd(
  { now, overlapSeconds }: TendPorts,
  key: OwnKey,
  own: readonly OwnKey[],
  current: ReadonlyMap<string, string | undefined>,
): OwnKey {
  const { removeAfter, ...rest } = key;
  if (current.get(formatSource(key.source)) === key.thumbprint) {
    return removeAfter === undefined ? key : rest;
  }
  if (removeAfter !== undefined || !isReplaced(key, own, current)) return key;
  return { ...key, removeAfter: endOfOverlap(key, now(), overlapSeconds) };
}

async function note(
  { history, now }: TendPorts,
  target: KeyTarget,
  { source, thumbprint, expiresAt }: OwnKey,
): Promise<void> {
  const at = now().toISOString();
  const why = Date.parse(expiresAt) <= now().getTime() ? 'It had expired' : 'Its overlap was over';
  await history.add({
    source,
    at,
    what: 'sync',
    by: { kind: 'platform' },
    targets: [{ target: formatTarget(target), outcome: 'removed', reason: 'OverlapOver' }],
    detail: `${why}: the key ${thumbprint} was taken away.`,
  });
}

/** No event tells that somebody took a key away: the next look at the vault asks for a sync. */
async function doubt(
  { ledger }: TendPorts,
  target: KeyTarget,
  { source }: OwnKey,
): Promise<boolean> {
  const known = await ledger.binding(source, target);
  if (known?.claimed !== true || known.targetThumbprint === undefined) return false;
  const { targetThumbprint: _, ...rest } = known;
  await ledger.saveBinding({ ...rest, status: 'pending' });
  return true;
}
