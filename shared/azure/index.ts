import { ManagedIdentityCredential } from '@azure/identity';
import { makeAccessReader } from './access.ts';
import { makeAccessGiver } from './access-giver.ts';
import { makeClientCertificates } from './api-management.ts';
import { makeArrivals, makeVaultArrivals } from './arrivals.ts';
import { AzureClients } from './azure-clients.ts';
import { makeBoundedHttpClient } from './bounded-http-client.ts';
import type { CaredFor } from './cared-for.ts';
import { makeOutcomePublisher } from './event-grid.ts';
import { makeGrants } from './grants.ts';
import { makeHistory } from './history.ts';
import { makeKeyedRequests } from './keyed-requests.ts';
import { makeVaults } from './key-vault.ts';
import { makeLedger } from './ledger.ts';
import { makeLocalHttpClient } from './local-http-client.ts';
import { makePushedCertificates } from './pushed-certificates.ts';
import { makeCertificateUses } from './certificate-uses.ts';
import { DocumentTable, type StorageSettings } from './tables.ts';
import { makeVaultWriter } from './vault-writer.ts';
import type {
  Absences,
  AccessGiver,
  AccessReader,
  Arrivals,
  CertificateUses,
  ClientCertificates,
  Grants,
  History,
  KeyedRequests,
  Ledger,
  OutcomePublisher,
  PushedCertificates,
  Vaults,
  VaultWriter,
} from '../domain/ports.ts';

/** Where Certkeeper's adapters reach. */
export interface AdapterSettings {
  readonly vaults: readonly CaredFor[];
  readonly services: readonly CaredFor[];
  readonly cloud: {
    readonly vaultSuffix: string;
    readonly managementUrl: string;
    readonly managementScope: string;
  };
  readonly clientId: string | undefined;
  readonly eventsTopic: string | undefined;
  readonly storage: StorageSettings;
  readonly localAzure: string | undefined;
}

export interface Adapters {
  readonly vaults: Vaults & Absences;
  readonly vaultWriter: VaultWriter;
  readonly certificates: ClientCertificates;
  readonly pushed: PushedCertificates;
  readonly access: AccessReader;
  readonly giver: AccessGiver;
  readonly grants: Grants;
  readonly ledger: Ledger;
  readonly history: History;
  readonly keyedRequests: KeyedRequests;
  readonly arrivals: Arrivals;
  readonly vaultArrivals: Arrivals<string>;
  readonly publisher: OutcomePublisher;
  readonly uses: CertificateUses;
}

/** The table of the ledger. */
const LEDGER_TABLE = 'certkeeper';

/** Makes every adapter. Opens no connection: that is left to the first call. */
export function makeAdapters(settings: AdapterSettings, now: () => Date): Adapters {
  const { clientId, cloud, localAzure, vaults, services } = settings;
  const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  const bounded = makeBoundedHttpClient();
  const httpClient = localAzure === undefined ? bounded : makeLocalHttpClient(localAzure, bounded);
  const clients = new AzureClients({ credential, httpClient, ...cloud });
  const table = new DocumentTable(LEDGER_TABLE, settings.storage, credential, bounded);
  return {
    vaults: makeVaults(clients, vaults),
    vaultWriter: makeVaultWriter(clients, vaults),
    certificates: makeClientCertificates(clients, services, cloud.vaultSuffix),
    pushed: makePushedCertificates(clients, services, cloud.vaultSuffix),
    access: makeAccessReader(clients, { vaults, services }),
    giver: makeAccessGiver(clients, { vaults, services }),
    grants: makeGrants(table),
    ledger: makeLedger(table),
    history: makeHistory(table),
    keyedRequests: makeKeyedRequests(table, now),
    arrivals: makeArrivals(table, now),
    vaultArrivals: makeVaultArrivals(table, now),
    uses: makeCertificateUses(clients, services),
    publisher: makeOutcomePublisher(settings.eventsTopic, credential, httpClient),
  };
}
