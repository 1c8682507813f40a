/** Services that soon take no more certificates. */
import { CA_LIMIT } from '../ca-entry.ts';
import { storeWithoutEffect } from '../ca-tier.ts';
import type { SeenService } from './audit-view.ts';
import type { Check, Found } from './found.ts';
import { count } from './wording.ts';

/** Client certificates on the Consumption tier ("API Management limits"). */
const CONSUMPTION_CLIENTS = 50;
/** From then on a limit is near. */
const NEAR = 0.8;

export const findLimits: Check = ({ services }) =>
  [...services.values()].flatMap((seen) => {
    const { name, tier, unreadable } = seen.inventory;
    if (unreadable !== undefined) return [];
    const found: Found[] = [];
    if (tier.toLowerCase() === 'consumption') {
      found.push(
        ...near(seen, 'client certificate', seen.inventory.clients.length, CONSUMPTION_CLIENTS),
      );
    }
    if (storeWithoutEffect(name, tier) === undefined) {
      found.push(...near(seen, 'CA certificate', seen.inventory.ca.length, CA_LIMIT));
    }
    return found;
  });

function near(
  { inventory: { name, resourceId } }: SeenService,
  what: string,
  number: number,
  limit: number,
): Found[] {
  if (number < limit * NEAR) return [];
  return [
    {
      code: 'NEAR_LIMIT',
      ...(number >= limit ? { severity: 'high' } : {}),
      about: name,
      resourceId,
      message: `${name} holds ${count(number, what)} of the ${String(limit)} that it can${number >= limit ? ', and takes no more' : ''}.`,
      cure: 'Remove what nothing uses (USED_BY_NOTHING), or what is there twice (SEVERAL_IDS).',
      key: what,
    },
  ];
}
