/** Certkeeper's own adapters for keys, over a running simulated Azure, as one of its identities. */
import { makeChangeKeys } from '../../../functions/activities/keys/change-keys.ts';
import type { KeyPorts } from '../../../functions/activities/keys/ports.ts';
import { registerKey } from '../../../functions/activities/keys/register-key.ts';
import { makeApplicationKeys } from '../../../shared/azure/keys/application-keys.ts';
import { makeKeySignIn } from '../../../shared/azure/keys/key-sign-in.ts';
import { makeOwnKeys } from '../../../shared/azure/keys/own-keys.ts';
import { makeRestCalls } from '../../../shared/azure/keys/rest-calls.ts';
import { makeSubscriptionCertificates } from '../../../shared/azure/keys/subscription-certificates.ts';
import { makeSignInVault } from '../../../shared/azure/keys/vault-signatures.ts';
import type { CaredFor } from '../../../shared/azure/cared-for.ts';
import type { KeyCare } from '../../../shared/domain/key-care.ts';
import type { PublicKey } from '../../../shared/domain/public-key.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { KeyTarget } from '../../../shared/domain/target.ts';
import { X509Certificate } from 'node:crypto';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';
import { makeMemoryTable } from '../memory-table.ts';
import type { AzureUnderTest } from './azure-clients.ts';

const GRAPH = 'https://graph.microsoft.com';
const LOGIN = 'https://login.microsoftonline.com';
const SUFFIX = 'vault.azure.net';
const VAULTS = `https://${SUFFIX}`;
const CLASSIC = 'https://management.core.windows.net';

/** A certificate as it is registered. */
export function toPublicKey(der: Buffer): PublicKey {
  const certificate = new X509Certificate(der);
  return {
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    der: der.toString('base64'),
    startsAt: certificate.validFromDate.toISOString(),
    expiresAt: certificate.validToDate.toISOString(),
  };
}

/** @param clientId of a managed identity; undefined = an operator, who may do everything */
export function keysOver(
  under: AzureUnderTest,
  care: KeyCare,
  clientId?: string,
  vaults: readonly CaredFor[] = [],
) {
  const httpClient = makeLocalAzureHttpClient(under.azure.url);
  const credential = {
    getToken: async (scopes: string | string[]) => ({
      token: clientId === undefined ? 'operator' : await tokenOf(under, clientId, scopes),
      expiresOnTimestamp: Date.now() + 3_600_000,
    }),
  };
  const ports: KeyPorts = {
    applications: makeApplicationKeys(
      makeRestCalls(credential, httpClient, `${GRAPH}/.default`),
      GRAPH,
      care,
    ),
    subscriptions: makeSubscriptionCertificates(
      makeRestCalls(credential, httpClient, `${CLASSIC}/.default`),
      CLASSIC,
      care,
    ),
    own: makeOwnKeys(makeMemoryTable()),
    now: () => new Date(),
    pause: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  };
  const change = makeChangeKeys(ports);
  return {
    ...ports,
    change,
    register: (source: Source, target: KeyTarget, der: Buffer) =>
      registerKey(
        { change, now: ports.now, overlapSeconds: 7 * 86_400 },
        source,
        target,
        async () => toPublicKey(der),
      ),
    signIn: makeKeySignIn(
      makeRestCalls(credential, httpClient, undefined),
      { loginUrl: LOGIN, graphUrl: GRAPH },
      makeSignInVault(makeRestCalls(credential, httpClient, `${VAULTS}/.default`), vaults, SUFFIX),
      () => new Date(),
    ),
  };
}

async function tokenOf(
  under: AzureUnderTest,
  clientId: string,
  scopes: string | string[],
): Promise<string> {
  const resource = encodeURIComponent([scopes].flat()[0]?.replace(/\/\.default$/, '') ?? '');
  const response = await fetch(
    `${under.azure.url}/msi/token?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`,
    { headers: { 'x-identity-header': under.azure.identityHeader } },
  );
  return ((await response.json()) as { access_token: string }).access_token;
}
