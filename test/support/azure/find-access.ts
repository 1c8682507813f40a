/** The app's own checks, over its own adapters and the real SDK clients, in the simulated Azure. */
import { findAccess } from '../../../functions/activities/diagnose-target.ts';
import { makeAccessReader } from '../../../shared/azure/access.ts';
import { makeClientCertificates } from '../../../shared/azure/api-management.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import { makeVaults } from '../../../shared/azure/key-vault.ts';
import { makePushedCertificates } from '../../../shared/azure/pushed-certificates.ts';
import { makeVaultWriter } from '../../../shared/azure/vault-writer.ts';
import type { AccessCheck } from '../../../shared/domain/access-check.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type {
  ClientCertificateTarget,
  WorkspaceCertificateTarget,
} from '../../../shared/domain/target.ts';
import { makeLocalAzureHttpClient } from '../local-azure-http-client.ts';
import { SUBSCRIPTION, type AzureUnderTest } from './azure-clients.ts';
import { askHost } from './vault.ts';

const SUFFIX = 'vault.azure.net';

/** What is asked about, by whom and for which moment. */
export interface Question {
  readonly source: Source;
  readonly target: ClientCertificateTarget | WorkspaceCertificateTarget;
  readonly vaultId: string;
  readonly serviceId: string;
  /** Certkeeper's identity; undefined = an operator, who may look at everything. */
  readonly clientId: string | undefined;
  readonly at: Date;
}

/** Answers every check, passed ones too. */
export async function findOverAdapters(
  under: AzureUnderTest,
  { source, target, vaultId, serviceId, clientId, at }: Question,
): Promise<readonly AccessCheck[]> {
  const clients = clientsOf(under, clientId);
  const cared = (id: string, name: string) => ({
    id,
    subscriptionId: SUBSCRIPTION,
    resourceGroup: 'rg-contoso',
    name,
  });
  const vaults = [cared(vaultId, source.vault)];
  const services = [cared(serviceId, target.service)];
  return findAccess(
    {
      access: makeAccessReader(clients, { vaults, services }),
      certificates: makeClientCertificates(clients, services, SUFFIX),
      pushed: makePushedCertificates(clients, services, SUFFIX),
      vaults: makeVaults(clients, vaults),
      writer: makeVaultWriter(clients, vaults),
      vaultSuffix: SUFFIX,
      now: () => at,
    },
    { source, target },
  );
}

/** Certkeeper's clients: as an operator, or as an identity. */
function clientsOf(under: AzureUnderTest, clientId: string | undefined): AzureClients {
  const token = async (scope: string): Promise<string> => {
    if (clientId === undefined) return 'operator';
    const resource = encodeURIComponent(scope.replace(/\/\.default$/, ''));
    const answer = await askHost(
      under,
      'GET',
      `msi/token?api-version=2019-08-01&resource=${resource}&client_id=${clientId}`,
      undefined,
      { 'x-identity-header': under.azure.identityHeader },
    );
    return String(answer.at('access_token'));
  };
  return new AzureClients({
    credential: {
      getToken: async (scopes) => ({
        token: await token([scopes].flat()[0] ?? ''),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient: makeLocalAzureHttpClient(under.azure.url),
    vaultSuffix: SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
}
