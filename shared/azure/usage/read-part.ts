import { mapBounded } from '../../map-bounded.ts';
import type { Walk } from './parts.ts';
import { policyPath } from './policy-path.ts';
import { ownerOf, type Known, type Reading } from './reading.ts';
import { serviceRealm, type PolicyOwner, type Realm } from './realm.ts';
import {
  toBackendDocument,
  toCustomDomains,
  toGatewayAuthority,
  toGatewayHostname,
  toNamedValueDocument,
} from './resource-documents.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';

/** How many of a part's documents are asked for at once; the gate bounds all parts together. */
export const AT_ONCE = 8;

/** A realm's own policy, backends and named values; of a service its custom domains, too. */
export async function readOwn(walk: Walk, realm: Realm, known: Known): Promise<UseDocument[]> {
  const { client, service, reading } = walk;
  const owner = ownerOf(realm);
  const domains = async (): Promise<UseDocument[]> => {
    if (realm.workspace !== undefined) return [];
    const { resourceGroup, name } = service;
    const answer = await reading.gate.run(() =>
      client.apiManagementService.get(resourceGroup, name),
    );
    return toCustomDomains(answer, reading.now());
  };
  const backends = async (): Promise<UseDocument[]> => {
    const listed = await reading.list(() => realm.backends(), owner);
    return listed.map((one) => toBackendDocument(one, realm.prefix, reading.now()));
  };
  const namedValues = async (): Promise<UseDocument[]> => {
    const listed = await reading.list(() => realm.namedValues(), owner);
    if (listed.length === 0) return [];
    // From a workspace those of the service may be meant, too.
    const realms = realm.workspace === undefined ? [realm] : [realm, serviceRealm(client, service)];
    const certificates = await Promise.all(realms.map((one) => reading.certificateIds(one)));
    const ids = new Set(certificates.flatMap((some) => [...some]));
    return listed.map((one) => toNamedValueDocument(one, ids, realm.prefix, reading.now()));
  };
  const parts = await mapBounded(
    [
      domains,
      () => readPolicies(reading, realm, [{ kind: 'realm' }], known),
      backends,
      namedValues,
    ],
    AT_ONCE,
    (read) => read(),
  );
  return parts.flat();
}

/** Those of the policies that are there. */
export async function readPolicies(
  reading: Reading,
  realm: Realm,
  owners: readonly PolicyOwner[],
  known: Known,
): Promise<UseDocument[]> {
  const documents = await mapBounded(owners, AT_ONCE, async (owner) => {
    const text = realm.policy(owner);
    if (text === undefined) return undefined;
    return await reading.text(text, `${realm.prefix}${policyPath(owner)}`, 'policy', known);
  });
  return documents.filter((document) => document !== undefined);
}

export async function readFragments(
  reading: Reading,
  realm: Realm,
  known: Known,
): Promise<UseDocument[]> {
  const fragments = await reading.list(() => realm.fragments(), ownerOf(realm));
  const documents = await mapBounded(fragments, AT_ONCE, ({ name = '' }) =>
    reading.text(
      realm.fragment(name),
      `${realm.prefix}policyFragments/${name}`,
      'policy-fragment',
      known,
    ),
  );
  return documents.filter((document) => document !== undefined);
}

/** Self-hosted gateways: the names they answer to, and the authorities they believe. */
export async function readGateways({ client, service, reading }: Walk): Promise<UseDocument[]> {
  const at = [service.resourceGroup, service.name] as const;
  const gateways = await reading.list(() => client.gateway.listByService(...at));
  const documents = await mapBounded(gateways, AT_ONCE, async ({ name = '' }) => {
    const owner = () => client.gateway.getEntityTag(...at, name);
    const hostnames = await reading.list(
      () => client.gatewayHostnameConfiguration.listByService(...at, name),
      owner,
    );
    const authorities = await reading.list(
      () => client.gatewayCertificateAuthority.listByService(...at, name),
      owner,
    );
    return [
      ...hostnames.map((one) => toGatewayHostname(one, name, reading.now())),
      ...authorities.map((one) => toGatewayAuthority(one, name, reading.now())),
    ];
  });
  return documents.flat();
}
