import type { CaStoreObservation } from './ca-entry.ts';
import type { Problem } from './errors.ts';

/** How long the update of a service usually takes ("Deploy and update", API Management). */
export const CA_UPDATE_ESTIMATE = 'usually 15 to 45 minutes';

const BACKEND_CURE =
  'Put the CA certificates on the backend entity instead (properties.tls), where this tier looks for them.';

/**
 * Why a service's store of CA certificates is of no use; undefined = it is.
 *
 * The gateways of the v2 tiers, like those of workspaces, do not consult it: an upload succeeds and
 * is listed, and backends are verified as before. The Consumption tier has none ("How to add a custom
 * CA certificate in API Management", April 2026).
 */
export function storeWithoutEffect(service: string, tier: string): Problem | undefined {
  const about = { code: 'CA_STORE_WITHOUT_EFFECT', resource: service } as const;
  if (/v2$/i.test(tier)) {
    return {
      ...about,
      message: `${service} is of the tier ${tier}, whose gateways do not consult the service's CA certificates: an upload would be listed and have no effect.`,
      cure: BACKEND_CURE,
    };
  }
  if (tier.toLowerCase() === 'consumption') {
    return {
      ...about,
      message: `${service} is of the Consumption tier, which has no CA certificates.`,
      cure: 'Use a backend whose certificate a public authority issued, or another tier.',
    };
  }
  return undefined;
}

/** The update of a service of one unit is an interruption; undefined = it is none. */
export function downtimeOf(service: string, tier: string): Problem | undefined {
  if (tier.toLowerCase() !== 'developer') return undefined;
  return {
    code: 'CA_UPDATE_DOWNTIME',
    message: `${service} is of the Developer tier: while its CA certificates are updated, ${CA_UPDATE_ESTIMATE}, it is down.`,
    resource: service,
    cure: 'Say acceptDowntime=true (--accept-downtime) when that is all right. For certificates that are kept by a tag, set CERTKEEPER_CA_DOWNTIME to accept.',
  };
}

/** Whether the service takes no update now; states as its `provisioningState` names them. */
export function isBusy({ state }: Pick<CaStoreObservation, 'state'>): boolean {
  return !AT_REST.has(state.toLowerCase());
}

/** An update may follow one that failed. */
const AT_REST = new Set(['succeeded', 'failed']);
