/** CA certificates of services: those without effect, and those that are missed. */
import { storeWithoutEffect } from '../ca-tier.ts';
import type { AuditView, SeenService } from './audit-view.ts';
import { nameKey, readName } from './distinguished-name.ts';
import type { Check, Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { count, someOf } from './wording.ts';

export const findCa: Check = (view) => {
  const publicIssuers = new Set(view.facts.publicIssuers.map((one) => one.toLowerCase()));
  return [...view.services.values()].flatMap((seen) => {
    if (seen.inventory.unreadable !== undefined) return [];
    const without = storeWithoutEffect(seen.inventory.name, seen.inventory.tier);
    return without === undefined
      ? issuersMissed(seen, view, publicIssuers)
      : withoutEffect(seen, without.cure ?? '');
  });
};

function withoutEffect({ inventory }: SeenService, cure: string): Found[] {
  const { name, resourceId, tier, ca } = inventory;
  if (ca.length === 0) return [];
  return [
    {
      code: 'CA_WITHOUT_EFFECT',
      about: name,
      resourceId,
      message: `${name} holds ${count(ca.length, 'CA certificate')}, and its tier ${toPlainText(tier, 40)} does not consult them: backends are verified without.`,
      cure,
    },
  ];
}

/**
 * Issuers of client certificates that the store does not hold. A workspace's gateway does not consult
 * it; a public CA is trusted without.
 */
function issuersMissed(
  { inventory, places }: SeenService,
  { byThumbprint }: AuditView,
  publicIssuers: ReadonlySet<string>,
): Found[] {
  const stored = new Set(inventory.ca.map(({ subject }) => nameKey(subject)));
  const missed = new Map<
    string,
    { readonly issuer: string; readonly ids: string[]; readonly vaults: Set<string> }
  >();
  for (const { row } of places) {
    if (row.place !== 'client' || row.thumbprint === undefined) continue;
    const own = byThumbprint.get(row.thumbprint);
    const details = own?.certificate.details;
    if (own === undefined || details === undefined || details.selfSigned) continue;
    const { issuer } = details.looks;
    const key = nameKey(issuer);
    if (stored.has(key) || isPublic(issuer, publicIssuers)) continue;
    const known = missed.get(key);
    if (known === undefined) {
      missed.set(key, { issuer, ids: [row.id], vaults: new Set([own.source.vault]) });
    } else {
      known.ids.push(row.id);
      known.vaults.add(own.source.vault);
    }
  }
  return [...missed].map(([key, { issuer, ids, vaults }]) => ({
    code: 'ISSUER_NOT_IN_CA_STORE',
    about: inventory.name,
    resourceId: inventory.resourceId,
    message: `${toPlainText(issuer, 200)} issued ${someOf(ids, 3)}, and is not among the CA certificates of ${inventory.name}, whose gateways then cannot build the chain.`,
    cure: `Where a chain is needed, add it: npx certkeeper ca add ${inventory.name} {file}`,
    key,
    dependsOn: [...vaults],
  }));
}

function isPublic(issuer: string, publicIssuers: ReadonlySet<string>): boolean {
  return readName(issuer).some(
    ({ type, value }) => type === 'O' && publicIssuers.has(value.toLowerCase()),
  );
}
