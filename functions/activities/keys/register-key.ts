import { entryOf, isOf } from './own-entries.ts';
import type { ChangeKeys } from './change-keys.ts';
import type { ChangedKeys, SeenKeys } from './ports.ts';
import {
  endOfOverlap,
  isDue,
  type OwnKey,
  type PublicKey,
} from '../../../shared/domain/public-key.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';

export interface RegisterPorts {
  readonly change: ChangeKeys;
  readonly now: () => Date;
  /** How long an older key stays beside the one that replaces it. */
  readonly overlapSeconds: number;
}

/** A key that was seen where it was registered. */
export interface Registered {
  /** False when it was there before. */
  readonly added: boolean;
  /** Whether Certkeeper put it there, now or earlier, for whomever: then it may take it away too. */
  readonly own: boolean;
  /** Whether it was registered before its vault had it. */
  readonly ahead: boolean;
  /** When it was first seen there, as far as that is known; else now. ISO 8601. */
  readonly verifiedAt: string;
}

/**
 * Registers a public key for a source, and sees it there. Older keys of the source stay for the
 * overlap; whose time is over goes in the same change. What is there already is not added again, but
 * it is written down that the source relies on it; so it may be run again at any time.
 *
 * @param read gives the key, once nobody else changes the keys there: of two runs the later one
 *   decides with the later look. Undefined = leave everything as it is
 * @param temporary = until when it stays unless it is registered again; for a key of which nobody
 *   knows yet whether its private half will be kept: no other key goes on its account
 */
export async function registerKey(
  ports: RegisterPorts,
  source: Source,
  target: KeyTarget,
  read: () => Promise<PublicKey | undefined>,
  temporary?: string,
): Promise<Registered | undefined> {
  let key: PublicKey | undefined;
  let seen: SeenKeys | undefined;
  const changed = await ports.change(target, async (there) => {
    key = await read();
    seen = there;
    const wanted = key?.thumbprint;
    return {
      add: key === undefined ? [] : [{ ...key, source }],
      // A key that stays is the current one, so no other is: else it is not known which one is. Of
      // other sources nothing is known here but what is written down.
      remove:
        wanted === undefined || temporary !== undefined
          ? []
          : there.own.filter(
              (one) => isOf(one, source) && one.thumbprint !== wanted && isDue(one, ports.now()),
            ),
      ...(wanted === undefined
        ? {}
        : { note: (one) => (isOf(one, source) ? setEnd(ports, one, wanted, temporary) : one) }),
    };
  });
  if (key === undefined) return undefined;
  return describe(changed, seen, source, key.thumbprint);
}

/** The same with a key that is at hand. */
export async function registerGivenKey(
  ports: RegisterPorts,
  source: Source,
  target: KeyTarget,
  key: PublicKey,
  temporary?: string,
): Promise<Registered> {
  const read = (): Promise<PublicKey> => Promise.resolve(key);
  const registered = await registerKey(ports, source, target, read, temporary);
  if (registered === undefined) throw new Error('A key that was given was not registered.');
  return registered;
}

/** From now on the key stays, and those before it have their time. */
function setEnd(
  { now, overlapSeconds }: RegisterPorts,
  key: OwnKey,
  wanted: string,
  temporary: string | undefined,
): OwnKey {
  const { removeAfter, ...rest } = key;
  if (key.thumbprint !== wanted) {
    if (temporary !== undefined || removeAfter !== undefined) return key;
    return { ...key, removeAfter: endOfOverlap(key, now(), overlapSeconds) };
  }
  if (removeAfter === temporary) return key;
  return temporary === undefined ? rest : { ...rest, ahead: true, removeAfter: temporary };
}

function describe(
  { own, entries, seenAt }: ChangedKeys,
  seen: SeenKeys | undefined,
  source: Source,
  thumbprint: string,
): Registered {
  const mine: OwnKey | undefined = own.find(
    (one) => isOf(one, source) && one.thumbprint === thumbprint,
  );
  const was = seen?.entries.some((one) => one.thumbprint === thumbprint) === true;
  return {
    added: !was,
    own: mine !== undefined && entryOf(mine, entries) !== undefined,
    ahead: mine?.ahead === true,
    verifiedAt: mine?.verifiedAt ?? seenAt,
  };
}
