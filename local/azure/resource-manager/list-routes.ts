/** The two lists that every tracked resource type has: of a subscription and of a resource group. */
import { toPage } from './paging.ts';
import { ok, type ArmCall, type ArmRoute } from './route.ts';

/** Path of a subscription, in the notation of routes. */
export const SUBSCRIPTION = '/subscriptions/{subscriptionId}';
/** Path of a resource group, in the notation of routes. */
export const GROUP = `${SUBSCRIPTION}/resourceGroups/{resourceGroupName}`;

const PAGE_SIZE = 100;

/** @param type what is listed, e.g. `Microsoft.KeyVault/vaults` */
export function listRoutes<Resource>(
  type: string,
  versions: readonly string[],
  resources: {
    /** What lies at a scope or below it, whoever asks. */
    below(scope: string): readonly Resource[];
    idOf(resource: Resource): string;
    toWire(resource: Resource): unknown;
  },
): ArmRoute[] {
  const provider = `/providers/${type}`;
  const list = (scopeOf: (call: ArmCall) => string) => (call: ArmCall) => {
    const seen = call.readable(resources.below(scopeOf(call)), (one) => resources.idOf(one), type);
    return ok(
      toPage(
        call.request,
        seen.map((one) => resources.toWire(one)),
        PAGE_SIZE,
      ),
    );
  };
  const ofSubscription = (call: ArmCall): string =>
    `/subscriptions/${call.param('subscriptionId')}`;
  const ofGroup = (call: ArmCall): string =>
    `${ofSubscription(call)}/resourceGroups/${call.param('resourceGroupName')}`;
  const shared = { method: 'GET', versions, access: 'filtered' } as const;
  return [
    { ...shared, path: `${SUBSCRIPTION}${provider}`, handle: list(ofSubscription) },
    { ...shared, path: `${GROUP}${provider}`, handle: list(ofGroup) },
  ];
}
