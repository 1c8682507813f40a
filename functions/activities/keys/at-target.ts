import { lookAtKeys, type ChangeKeys } from './change-keys.ts';
import { holds, isOf } from './own-entries.ts';
import type { KeyPorts } from './ports.ts';
import { registerKey, type RegisterPorts } from './register-key.ts';
import { leavePlace } from './withdraw-keys.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { KeyEntry } from '../../../shared/domain/key-credentials.ts';
import type { PublicCertificates } from '../../../shared/domain/key-ports.ts';
import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import { judgePublicKey, type OwnKey } from '../../../shared/domain/public-key.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';

/** The version that a step is about. */
export interface WantedKey {
  readonly version: string;
  readonly thumbprint: string;
  /** When the vault showed it first, ISO 8601. */
  readonly createdAt: string;
}

/**
 * Reads what is registered for a source at a place: the key of the wanted version, or an older one of
 * Certkeeper's own. Keys of others are nobody's business. Changes nothing.
 *
 * @param input without `wanted`, whether anything of Certkeeper's own is there
 */
export function makeObserveKeys(ports: Pick<KeyPorts, 'applications' | 'subscriptions' | 'own'>) {
  return async (input: {
    readonly source: Source;
    readonly target: KeyTarget;
    readonly wanted?: WantedKey;
  }): Promise<TargetState> => {
    const { source, target, wanted } = input;
    const entries = await lookAtKeys(ports, target);
    const own = (await ports.own.read(target)).own.filter((key) => isOf(key, source));
    return toState(entries, own, wanted);
  };
}

function toState(
  entries: readonly KeyEntry[],
  own: readonly OwnKey[],
  wanted: WantedKey | undefined,
): TargetState {
  const isThere = (thumbprint: string | undefined): boolean =>
    entries.some((entry) => entry.thumbprint === thumbprint);
  const there = own.filter(({ thumbprint }) => isThere(thumbprint));
  if (wanted !== undefined && isThere(wanted.thumbprint)) {
    const mine = own.find(({ thumbprint }) => thumbprint === wanted.thumbprint);
    const others = own.filter((key) => key !== mine);
    return present(wanted.thumbprint, {
      own: own.length > 0,
      // It is written down that the source relies on it, and each has its time: the current one none,
      // those before it the end of their overlap.
      settled:
        mine !== undefined &&
        mine.removeAfter === undefined &&
        others.every(({ removeAfter }) => removeAfter !== undefined),
      ...gapOf(mine, wanted),
    });
  }
  const [newest] = [...there].sort((a, b) => b.registeredAt.localeCompare(a.registeredAt));
  if (newest === undefined) return { kind: 'absent' };
  return present(newest.thumbprint, { own: true, settled: true });
}

function present(
  thumbprint: string,
  facts: { readonly own: boolean; readonly settled: boolean; readonly gapSeconds?: number },
  pushedVersion?: string,
): TargetState {
  const { gapSeconds, ...key } = facts;
  return {
    kind: 'present',
    installed: {
      reference: { kind: 'public-key', ...key },
      thumbprint,
      ...(gapSeconds === undefined ? {} : { gapSeconds }),
      ...(pushedVersion === undefined ? {} : { pushedVersion }),
    },
  };
}

/**
 * From the moment the vault shows a version to the one at which its key was seen at the place; at
 * most that, since the vault tells whole seconds. A key that was there before its version left none.
 */
function gapOf(
  key: { readonly verifiedAt?: string; readonly ahead?: boolean } | undefined,
  { createdAt }: Pick<WantedKey, 'createdAt'>,
): { gapSeconds?: number } {
  if (key?.verifiedAt === undefined) return {};
  if (key.ahead === true) return { gapSeconds: 0 };
  const seconds = (Date.parse(key.verifiedAt) - Date.parse(createdAt)) / 1_000;
  return { gapSeconds: Math.max(0, Math.round(seconds * 10) / 10) };
}

export interface RegisterKeyPorts extends RegisterPorts {
  readonly ledger: Pick<Ledger, 'claim'>;
  readonly certificates: PublicCertificates;
}

/**
 * Registers the public key of the vault's current version, and sees it there: whatever was planned,
 * the version that is current while nobody else changes the keys there. Older keys stay for the
 * overlap. Run again after a crash it finds what it registered.
 *
 * Thrown: TerminalError of a certificate with which nobody could sign in, e.g.
 * `KEY_TYPE_UNSUPPORTED`; what changing keys throws.
 */
export function makeRegisterKey(ports: RegisterKeyPorts) {
  return async (input: {
    readonly source: Source;
    readonly target: KeyTarget;
    readonly wanted: WantedKey;
    /** No other version than the wanted one: a newer one is to be judged first. */
    readonly exactly?: true;
  }): Promise<TargetState> => {
    const { source, target, wanted, exactly } = input;
    await ports.ledger.claim(source, target);
    let used: WantedKey = wanted;
    const registered = await registerKey(ports, source, target, async () => {
      const { looks, version, createdAt, ...key } = await ports.certificates.readPublic(source);
      if (exactly === true && version !== wanted.version) return undefined;
      const problem = judgePublicKey(looks, ports.now());
      if (problem !== undefined) {
        throw new TerminalError({ ...problem, resource: formatSource(source) });
      }
      used = { version, thumbprint: key.thumbprint, createdAt };
      return key;
    });
    // What came meanwhile is for the next look at the vault.
    if (registered === undefined) return { kind: 'unread' };
    return present(
      used.thumbprint,
      {
        own: true,
        settled: true,
        ...gapOf(registered, used),
      },
      used.version,
    );
  };
}

/** Takes away what Certkeeper registered for a source; what is not its own, or another's too, stays. */
export function makeWithdrawKeys(change: ChangeKeys) {
  return async (input: {
    readonly source: Source;
    readonly target: KeyTarget;
  }): Promise<TargetState> => {
    const { change: left, removed, entries } = await leavePlace(change, input.source, input.target);
    const stays = left.remove.find((key) => holds(entries, key));
    if (removed.length > 0 || stays === undefined) return { kind: 'absent' };
    return present(stays.thumbprint, { own: false, settled: true });
  };
}
