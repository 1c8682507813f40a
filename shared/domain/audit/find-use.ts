/** What the index of uses says of client certificates. */
import type { AuditView, SeenPlace, SeenService } from './audit-view.ts';
import { sayExpiry } from './expiry.ts';
import { foundAtPlace, type Check, type Found } from './found.ts';
import { count, shellWord, someOf } from './wording.ts';

export const findUse: Check = (view) => [
  ...[...view.services.values()].flatMap(usageUnknown),
  ...[...view.places.values()].flatMap((seen) => [
    ...byThumbprint(seen),
    ...usedByNothing(seen, view),
  ]),
];

function usageUnknown({ inventory, places }: SeenService): Found[] {
  const asked = places.some(({ row }) => row.place === 'client' || row.place === 'workspace');
  if (inventory.usage !== undefined || !asked) return [];
  const { name, resourceId } = inventory;
  return [
    {
      code: 'USAGE_UNKNOWN',
      about: name,
      resourceId,
      message: `Nobody has looked yet, to the end, at what uses the certificates of ${name}: none of them is found to be unused or referred to by its thumbprint.`,
      cure: 'npx certkeeper sweep',
    },
  ];
}

function byThumbprint(seen: SeenPlace): Found[] {
  const { row, service, standing } = seen;
  if (row.uses === undefined || row.uses.byThumbprint === 0 || row.place === 'gateway') return [];
  const { byThumbprint: number } = row.uses;
  const where = (service.usage?.of[row.id] ?? service.usage?.of[row.id.toLowerCase()])
    ?.byThumbprint;
  const rotates = standing !== 'uploaded';
  return [
    foundAtPlace(seen, {
      code: 'REFERENCED_BY_THUMBPRINT',
      // Nothing breaks before somebody replaces it by hand.
      ...(rotates ? {} : { severity: 'low' }),
      message: `${count(number, 'reference')} to ${row.id} ${number === 1 ? 'is' : 'are'} by its thumbprint and ${number === 1 ? 'breaks' : 'break'} when it ${rotates ? 'rotates' : 'is replaced'}: ${someOf(where ?? [], 5)}.`,
      cure: 'Refer by the id instead: certificate-id in policies, certificateIds in backends. Certkeeper does that by itself with CERTKEEPER_REPAIR_REFERENCES=repair.',
    }),
  ];
}

/**
 * What is left over from a deleted source is told as that. What came to its place, or changed there,
 * after the index of uses was made is not in it: whatever uses it came later still.
 */
function usedByNothing(seen: SeenPlace, { facts }: AuditView): Found[] {
  const { row, source, standing, binding } = seen;
  if (row.uses?.verdict !== 'unused' || row.place === 'gateway') return [];
  if (standing === 'orphaned') return [];
  const { asOf } = row.uses;
  if (binding?.changedAt !== undefined && binding.changedAt >= asOf) return [];
  const expiry =
    row.expiresAt === undefined ? '' : ` It ${sayExpiry(row.expiresAt, facts.completedAt)}.`;
  const detach = `npx certkeeper detach ${row.source ?? ''} -t ${shellWord(row.id)}`;
  return [
    foundAtPlace(seen, {
      code: 'USED_BY_NOTHING',
      message: `Nothing uses ${row.id}, as of ${asOf.slice(0, 16).replace('T', ' ')} UTC.${expiry}`,
      cure: `Acknowledge that it is kept, or remove it${source === undefined || binding === undefined ? ' in API Management.' : `: ${detach}`}`,
    }),
  ];
}
