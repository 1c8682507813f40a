import { inTurn } from './in-turn.ts';
import { goingWith, holds, ownAfter, toIntended } from './own-entries.ts';
import type { ChangedKeys, ChangeOptions, DecideKeys, KeyPorts } from './ports.ts';
import type { OwnKey } from '../../../shared/domain/public-key.ts';
import type { ClassicTarget } from '../../../shared/domain/target.ts';

/**
 * Changes the management certificates of a subscription: takes its turn, so that no source takes away
 * what another one finds there, and adds and removes each by a call of its own, so nothing that is
 * there can be lost.
 *
 * There are no names by which Certkeeper would know its own. What was added without an answer that
 * says so may be somebody else's, and is never taken away.
 */
export async function changeSubscription(
  ports: KeyPorts,
  target: ClassicTarget,
  decide: DecideKeys,
  options: ChangeOptions = {},
): Promise<ChangedKeys> {
  const { subscriptions, own, now } = ports;
  const { subscriptionId } = target;
  return await inTurn(ports, target, options, async (turn) => {
    const notes = await own.read(target);
    const entries = await subscriptions.list(subscriptionId);
    const change = await decide({ entries, own: notes.own });
    const at = now().toISOString();
    const going = goingWith(change, notes.own, entries);
    const added: OwnKey[] = [];
    for (const key of change.add.filter((one) => !holds(entries, one))) {
      const intended = toIntended(key, notes.own, at);
      await turn.keep([intended]);
      const done = await subscriptions.add(subscriptionId, key);
      added.push(done === 'added' ? { ...intended, keyId: key.thumbprint } : intended);
    }
    for (const { keyId } of going.entries) {
      await turn.keep();
      await subscriptions.remove(subscriptionId, keyId);
    }
    const changed = added.length + going.entries.length > 0;
    const after = changed ? await subscriptions.list(subscriptionId) : entries;
    const seenAt = now().toISOString();
    const kept = ownAfter({ before: notes.own, change, added, after, at, seenAt });
    await turn.settle({
      seen: { at: seenAt, keyIds: after.map(({ keyId }) => keyId) },
      keep: kept.filter((one) => !notes.own.includes(one)),
      drop: change.remove,
    });
    return { entries: after, own: kept, change, removed: going.keys, seenAt };
  });
}
