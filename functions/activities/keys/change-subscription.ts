import { isOf, toIntended } from './own-entries.ts';
import type { ChangedKeys, DecideKeys, KeyPorts } from './ports.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import type { ClassicTarget } from '../../../shared/domain/target.ts';

/**
 * Changes the management certificates of a subscription. Each is added and removed by a call of its
 * own, so nothing that is there can be lost and nobody has to wait for a turn.
 */
export async function changeSubscription(
  { subscriptions, own, now }: KeyPorts,
  target: ClassicTarget,
  decide: DecideKeys,
): Promise<ChangedKeys> {
  const { subscriptionId } = target;
  const [notes, entries] = await Promise.all([
    own.read(target),
    subscriptions.list(subscriptionId),
  ]);
  const change = await decide({ entries, own: notes.own });
  const at = now().toISOString();
  const toAdd = change.add.filter(
    (key) => !entries.some(({ thumbprint }) => thumbprint === key.thumbprint),
  );
  // There are no names: what was there before stays somebody else's.
  const added = toAdd.map((key) => ({
    ...toIntended(key, notes.own, at),
    keyId: key.thumbprint,
  }));
  for (const key of added) {
    await own.save(target, key);
    await subscriptions.add(subscriptionId, key);
  }
  for (const { thumbprint } of change.remove) {
    await subscriptions.remove(subscriptionId, thumbprint);
  }
  const changed = toAdd.length + change.remove.length > 0;
  const after = changed ? await subscriptions.list(subscriptionId) : entries;
  const seenAt = now().toISOString();
  const isIn = (keys: readonly OwnKey[], key: OwnKey): boolean =>
    keys.some((one) => isOf(one, key.source) && one.thumbprint === key.thumbprint);
  const kept = [
    ...notes.own.filter((key) => !isIn(change.remove, key) && !isIn(added, key)),
    ...added,
  ].map((key) => {
    const isThere = after.some(({ thumbprint }) => thumbprint === key.thumbprint);
    const seen = isThere && key.verifiedAt === undefined ? { ...key, verifiedAt: seenAt } : key;
    return change.note === undefined ? seen : change.note(seen);
  });
  for (const key of kept.filter((one) => !notes.own.includes(one))) await own.save(target, key);
  for (const key of change.remove) await own.drop(target, key);
  return { entries: after, own: kept, change, seenAt };
}
