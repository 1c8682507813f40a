import type { GivePorts, Giver } from './ports.ts';
import { TransientError } from '../../../shared/domain/errors.ts';
import type { Grant } from '../../../shared/domain/grant.ts';
import { saysGift } from '../../../shared/domain/grant-words.ts';
import type { StoredGrant } from '../../../shared/domain/access-ports.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/**
 * Writes down that something was given. The history comes first, with the time of the intention, so
 * that it is written once however often this runs. Whoever completes it tells of it.
 */
export async function recordGiven(
  { grants, history, now }: Pick<GivePorts, 'grants' | 'history' | 'now'>,
  { holder }: Pick<Giver, 'holder'>,
  stored: StoredGrant,
  grant: Grant,
): Promise<void> {
  const { source, target, by, service, gift, intendedAt } = grant;
  await history.add({
    ...{ source, by },
    at: intendedAt,
    what: 'grant',
    targets: [{ target: formatTarget(target), outcome: 'given', reason: REASON[gift.kind] }],
    detail: saysGift(service, gift),
  });
  const given: Grant = { ...grant, holder, status: 'given', givenAt: now().toISOString() };
  if (await grants.replace(stored, given)) return;
  throw new TransientError({
    code: 'AZURE_UNAVAILABLE',
    message: `Somebody else wrote down what ${service} was given at the same moment.`,
    resource: gift.resource,
    cure: 'Nothing to do: it is tried again.',
  });
}

const REASON = {
  'enable-identity': 'IdentityEnabled',
  'assign-role': 'RoleAssigned',
  'add-access-policy': 'PolicyAdded',
} as const;
