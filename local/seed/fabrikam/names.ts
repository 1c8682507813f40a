/**
 * Fabrikam, which Contoso has taken over with all its troubles: services and vaults of its own, beside
 * the small fleet. Names are fixed, as those of the small fleet are.
 */
import { SUBSCRIPTION_ID } from '../fleet.ts';

/** ARM id of the resource group that it is in. */
export const FABRIKAM_ID = `/subscriptions/${SUBSCRIPTION_ID}/resourceGroups/rg-fabrikam`;

/** Tags of the group, which say how far it has come. */
export const FABRIKAM_TAGS = {
  /** Something is to go wrong still, once Certkeeper keeps it. */
  begun: { seeded: 'true', ahead: 'true' },
  ended: { seeded: 'true' },
} as const;

/** One service for each trouble that a service can have as a whole; most others are at the first. */
export const FABRIKAM_SERVICES = [
  'fabrikam-gw',
  'fabrikam-shop-gw',
  'fabrikam-crm-gw',
  'fabrikam-old-gw',
  'fabrikam-safe-gw',
  'fabrikam-pilot-gw',
  'fabrikam-franchise-gw',
  'fabrikam-branch-gw',
  'fabrikam-plant-gw',
  'fabrikam-annex-gw',
] as const;
export type FabrikamService = (typeof FABRIKAM_SERVICES)[number];

/** The vaults under care: the first is in order, each other has one trouble. */
export const FABRIKAM_VAULTS = [
  'fabrikam-kv',
  'fabrikam-walled-kv',
  'fabrikam-private-kv',
  'fabrikam-bare-kv',
  'fabrikam-office-kv',
  'fabrikam-locked-kv',
  'fabrikam-mixed-kv',
  'fabrikam-moved-kv',
  'fabrikam-policy-kv',
  'fabrikam-audit-kv',
  'fabrikam-secret-kv',
  'fabrikam-sold-kv',
  'fabrikam-cellar-kv',
] as const;
/** Those that nobody has deleted: they send events. */
export const FABRIKAM_LIVING_VAULTS = FABRIKAM_VAULTS.filter((name) => name !== 'fabrikam-sold-kv');
/** One that Certkeeper does not know. */
export const PARTNER_VAULT = 'fabrikam-partner-kv';
export type FabrikamVault = (typeof FABRIKAM_VAULTS)[number] | typeof PARTNER_VAULT;

export const fabrikamServiceId = (name: FabrikamService): string =>
  `${FABRIKAM_ID}/providers/Microsoft.ApiManagement/service/${name}`;
export const fabrikamVaultId = (name: FabrikamVault): string =>
  `${FABRIKAM_ID}/providers/Microsoft.KeyVault/vaults/${name}`;
export const fabrikamIdentityId = (name: string): string =>
  `${FABRIKAM_ID}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/${name}`;

/** Consent: what its tags ask for, they may, but for the shop, which nobody has allowed anything. */
export const FABRIKAM_ALLOW =
  'fabrikam-*/* => fabrikam-gw, fabrikam-gw/workspaces/*, fabrikam-branch-gw, fabrikam-plant-gw';
/** New versions of one certificate are held where they look wrong; of others they are told of. */
export const FABRIKAM_ON_SUSPECT = 'fabrikam-kv/safe => hold';
/** Where Fabrikam was told what is broken, in a chat that is gone. */
export const FABRIKAM_PLACE = 'slack:fabrikam';
