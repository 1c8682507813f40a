/** A directory of applications in memory whose ways can be chosen, for changes of their keys. */
import { randomUUID } from 'node:crypto';
import { makeChangeKeys, type ChangeKeys } from '../../functions/activities/keys/change-keys.ts';
import type { KeyPorts } from '../../functions/activities/keys/ports.ts';
import { makeOwnKeys } from '../../shared/azure/keys/own-keys.ts';
import { TerminalError, TransientError } from '../../shared/domain/errors.ts';
import type { KeyEntry, SentKey } from '../../shared/domain/key-credentials.ts';
import type { OwnKeys } from '../../shared/domain/key-ports.ts';
import type { PublicKey } from '../../shared/domain/public-key.ts';
import type { ApplicationTarget, ClassicTarget } from '../../shared/domain/target.ts';
import { NOW } from './domain-samples.ts';
import { makeMemoryTable } from './memory-table.ts';

export const APPLICATION: ApplicationTarget = {
  kind: 'entra-application',
  appId: '0a5e0000-0000-4000-8000-000000000001',
};

export const SUBSCRIPTION: ClassicTarget = {
  kind: 'classic-management',
  subscriptionId: '0a5e0000-0000-4000-8000-000000000002',
};

/** Longer than a turn. */
const SLOW_MS = 120_000;
/** A directory is believed after so long, so it must have caught up by then. */
const LAGS_MS = 60_000;

/** What becomes of an entry that is there already and is sent again. */
export type Fate = 'keep' | 'lose' | 'refuse';

/** How the directory behaves; each as some report has it, or as nobody has ruled out. */
export interface Ways {
  /** An entry with its id and its value. */
  readonly withBoth?: Fate;
  /** An entry with its id alone. */
  readonly idOnly?: Fate;
  /** An entry with its value and without its id: it gets a new one, or is refused. */
  readonly valueOnly?: 'rekey' | 'refuse';
  /** So many reads after a change show what was before it, for no longer than {@link LAGS_MS}. */
  readonly staleReads?: number;
  /** Thrown instead of the answer: how many calls from now, and whether the change was made. */
  readonly breaks?: { readonly after: number; readonly done: boolean };
  /** What happens before the answer of so many calls from now comes, long after it was made. */
  readonly slow?: { readonly after: number; readonly meanwhile: () => Promise<void> };
  /** What somebody else adds, right before the first look from so many calls on. */
  readonly joins?: { readonly after: number; readonly entry: KeyEntry };
  /** What becomes of a classic certificate that is added: it is there before, or there is no answer. */
  readonly classicAdd?: 'meanwhile' | 'refused' | 'unanswered';
  /** Dates of new keys are refused: a tenant may allow less time than a certificate has. */
  readonly refusesDates?: boolean;
}

export interface KeyWorld {
  readonly ports: KeyPorts;
  readonly own: OwnKeys;
  readonly change: ChangeKeys;
  ways: Ways;
  /** What is really there. */
  readonly entries: () => readonly KeyEntry[];
  readonly put: (entries: readonly KeyEntry[]) => void;
  /** Names of what is there. */
  readonly names: () => readonly string[];
  /** Thumbprints of the classic certificates of {@link SUBSCRIPTION}. */
  readonly classic: Set<string>;
  /** Calls until now. */
  readonly calls: () => number;
  /** Collections that were sent and taken. */
  readonly writes: () => number;
  /** Moves the clock. */
  readonly pass: (milliseconds: number) => void;
  /** What nobody would wait for: a second of a pause passes at once. */
  readonly paused: () => number;
}

/** A key whose value and thumbprint follow from its name. */
export function makeKey(name: string, other: Partial<PublicKey> = {}): PublicKey {
  const hex = Buffer.from(name.padEnd(20, '.')).subarray(0, 20).toString('hex').toUpperCase();
  return {
    thumbprint: hex,
    der: Buffer.from(name.padEnd(20, '.')).toString('base64'),
    startsAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2027-07-01T00:00:00.000Z',
    ...other,
  };
}

/** An entry that somebody else registered. */
export function makeEntry(name: string, value: 'told' | 'hidden' = 'told'): KeyEntry {
  const { thumbprint, der } = makeKey(name);
  return toEntry({
    keyId: randomUUID(),
    customKeyIdentifier: thumbprint,
    displayName: `CN=${name}`,
    key: value === 'told' ? der : null,
    usage: value === 'told' ? 'Verify' : 'Sign',
    type: 'AsymmetricX509Cert',
  });
}

function toEntry(raw: Readonly<Record<string, unknown>>): KeyEntry {
  const key = raw['key'];
  const thumbprint =
    typeof key === 'string'
      ? Buffer.from(key, 'base64').subarray(0, 20).toString('hex').toUpperCase()
      : raw['customKeyIdentifier'];
  return {
    keyId: String(raw['keyId']),
    ...(typeof thumbprint === 'string' ? { thumbprint } : {}),
    ...(typeof raw['displayName'] === 'string' ? { displayName: raw['displayName'] } : {}),
    ...(typeof raw['usage'] === 'string' ? { usage: raw['usage'] } : {}),
    raw,
  };
}

export function makeKeyWorld(first: readonly KeyEntry[] = [], ways: Ways = {}): KeyWorld {
  let there = first;
  let before: readonly KeyEntry[] = first;
  let stale = 0;
  let changedAt = 0;
  let now = Date.parse(NOW);
  let writes = 0;
  let calls = 0;
  let paused = 0;
  const classic = new Set<string>();
  const own = makeOwnKeys(makeMemoryTable());
  const world = { ways };

  const breaks = (done: boolean): void => {
    calls += 1;
    const { breaks: when } = world.ways;
    if (when?.after === calls && when.done === done) throw new CutOff();
  };
  const join = (): void => {
    const { joins, ...others } = world.ways;
    if (joins === undefined || calls < joins.after) return;
    world.ways = others;
    there = [...there, joins.entry];
    // Whoever looks sees it, whatever else a look shows late.
    before = [...before, joins.entry];
  };
  const answerSlowly = async (): Promise<void> => {
    const { slow, ...others } = world.ways;
    if (slow?.after !== calls) return;
    world.ways = others;
    now += SLOW_MS;
    await slow.meanwhile();
  };
  const apply = (sent: SentKey): readonly KeyEntry[] => {
    const { withBoth = 'keep', idOnly = 'keep', valueOnly = 'rekey', refusesDates } = world.ways;
    const existing = there.find(({ keyId }) => keyId === sent['keyId']);
    const hasKey = typeof sent['key'] === 'string';
    if (existing !== undefined) {
      const fate = hasKey ? withBoth : idOnly;
      if (fate === 'refuse') throw refused('Update to existing credential is not allowed');
      return fate === 'keep' ? [existing] : [];
    }
    if (!hasKey) throw refused('a key without value');
    const known = there.some(({ raw }) => raw['key'] === sent['key']);
    if (known && sent['keyId'] === undefined && valueOnly === 'refuse') {
      throw refused('a value that is there already');
    }
    if (!known && refusesDates === true && 'endDateTime' in sent) throw refused('its dates');
    return [toEntry({ keyId: randomUUID(), ...sent })];
  };

  const ports: KeyPorts = {
    own,
    now: () => new Date(now),
    pause: async (milliseconds) => {
      now += milliseconds;
      paused += milliseconds;
    },
    applications: {
      read: async () => {
        breaks(false);
        join();
        const isStale = stale > 0 && now - changedAt < LAGS_MS;
        const entries = isStale ? before : there;
        stale -= 1;
        await answerSlowly();
        return { displayName: 'deploy', entries };
      },
      replace: async (_appId, keys) => {
        breaks(false);
        const next = keys.flatMap(apply);
        writes += 1;
        before = there;
        there = next;
        stale = world.ways.staleReads ?? 0;
        changedAt = now;
        breaks(true);
        await answerSlowly();
      },
    },
    subscriptions: {
      list: async () =>
        [...classic].map((thumbprint) => ({ keyId: thumbprint, thumbprint, raw: {} })),
      add: async (_subscriptionId, { thumbprint }) => {
        const { classicAdd } = world.ways;
        if (classicAdd === 'refused') throw refused('this certificate');
        if (classicAdd === 'meanwhile') classic.add(thumbprint);
        if (classic.has(thumbprint)) return 'was-there';
        classic.add(thumbprint);
        if (classicAdd === 'unanswered') throw new CutOff();
        return 'added';
      },
      remove: async (_subscriptionId, thumbprint) => {
        classic.delete(thumbprint);
      },
    },
  };
  return Object.assign(world, {
    ports,
    own,
    change: makeChangeKeys(ports),
    classic,
    entries: () => there,
    names: () =>
      there.map(({ thumbprint = '' }) =>
        Buffer.from(thumbprint, 'hex').toString().replaceAll('.', ''),
      ),
    put: (entries: readonly KeyEntry[]) => (there = entries),
    calls: () => calls,
    writes: () => writes,
    pass: (milliseconds: number) => (now += milliseconds),
    paused: () => paused,
  });
}

/** The process ends here: what comes after in the same run does not happen. */
export class CutOff extends Error {}

function refused(why: string): TerminalError {
  return new TerminalError({ code: 'KEYS_REFUSED', message: `Refused: ${why}.` });
}

/** Runs it as the engine does: what may succeed later is run again, and so is what was cut off. */
export async function untilSettled<Result>(
  world: Pick<KeyWorld, 'pass'>,
  run: () => Promise<Result>,
  tries = 12,
): Promise<Result> {
  for (let left = tries; ; left -= 1) {
    try {
      return await run();
    } catch (error) {
      const again = error instanceof TransientError || error instanceof CutOff;
      if (!again || left === 0) throw error;
      world.pass(15_000);
    }
  }
}
