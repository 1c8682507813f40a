import type { TokenCredential } from '@azure/core-auth';
import { ManagedIdentityCredential } from '@azure/identity';
import { makeAccessReader } from './access.ts';
import { makeAccessGiver } from './access-giver.ts';
import { makeClientCertificates } from './api-management.ts';
import { makeAcknowledgements } from './audit/acknowledgements.ts';
import { makeAuditParts } from './audit/audit-parts.ts';
import { AUDITS_CONTAINER, makeAuditReports } from './audit/audit-reports.ts';
import { makeChainNotes } from './audit/kept-details.ts';
import { makeNotingWriter } from './audit/noting-writer.ts';
import { makeServiceInventories } from './audit/service-inventories.ts';
import { makeVaultInventories } from './audit/vault-inventories.ts';
import { BACKUPS_CONTAINER, makeBackups } from './backup/backups.ts';
import { makeRestores } from './backup/restore-backup.ts';
import { makeArrivals, makeCaArrivals, makePlaceArrivals, makeVaultArrivals } from './arrivals.ts';
import { AzureClients } from './azure-clients.ts';
import { makeBoundedHttpClient } from './bounded-http-client.ts';
import { BlobContainer } from './blobs.ts';
import { CA_CONTAINER, makeCaCopies } from './ca-copies.ts';
import { makeCaLedger } from './ca-ledger.ts';
import { makeCaStores } from './ca-stores.ts';
import type { CaredFor } from './cared-for.ts';
import { makeCleanups } from './cleanups.ts';
import { makeOutcomePublisher } from './event-grid.ts';
import { makeFiguresLedger } from './figures.ts';
import { makeGrants } from './grants.ts';
import { makeHistory } from './history.ts';
import { makeApplicationKeys } from './keys/application-keys.ts';
import { makeKeySignIn } from './keys/key-sign-in.ts';
import { makeSignInVault } from './keys/vault-signatures.ts';
import { makeOwnKeys } from './keys/own-keys.ts';
import { makePublicCertificates } from './keys/public-certificates.ts';
import { makeRestCalls } from './keys/rest-calls.ts';
import { makeSubscriptionCertificates } from './keys/subscription-certificates.ts';
import { makeInstallationLedger } from './installations/installation-ledger.ts';
import { makeInstallationMarks } from './installations/installation-marks.ts';
import { makeKeyedRequests } from './keyed-requests.ts';
import { makeVaults } from './key-vault.ts';
import { makeLedger } from './ledger.ts';
import { makeNotifyFailures, makeNotifyLedger } from './notify-ledger.ts';
import { makeLocalHttpClient } from './local-http-client.ts';
import { makePushedCertificates } from './pushed-certificates.ts';
import { COPIES_CONTAINER, makeDocumentCopies } from './repairs/document-copies.ts';
import { makeReferenceDocuments } from './repairs/reference-documents.ts';
import { makeRepairs } from './repairs/repairs.ts';
import { DocumentTable, type StorageSettings } from './tables.ts';
import { makeUsageIndex } from './usage/usage-index.ts';
import { makeUsageOverview } from './usage/usage-overview.ts';
import { makeUsageScanner } from './usage/usage-scanner.ts';
import { makeVaultWriter } from './vault-writer.ts';
import type {
  Acknowledgements,
  AuditParts,
  AuditReports,
  ServiceInventories,
  UsageOverview,
  VaultInventories,
} from '../domain/audit/audit-ports.ts';
import type { Backups, Restores } from '../domain/backup-ports.ts';
import type { CaCopies, CaLedger, CaStores } from '../domain/ca-ports.ts';
import type { InstallationLedger, InstallationMarks } from '../domain/installation-ports.ts';
import type { KeyCare } from '../domain/key-care.ts';
import type { FiguresLedger } from '../domain/metrics.ts';
import type { NotifyFailures, NotifyLedger } from '../domain/notify/ports.ts';
import type { AccessGiver, AccessReader, Grants } from '../domain/access-ports.ts';
import type { Arrivals, KeyedRequests } from '../domain/arrival-ports.ts';
import type { Cleanups } from '../domain/cleanup-ports.ts';
import type { OutcomePublisher } from '../domain/event-ports.ts';
import type {
  ApplicationKeys,
  KeySignIn,
  OwnKeys,
  PublicCertificates,
  SubscriptionCertificates,
} from '../domain/key-ports.ts';
import type { History, Ledger } from '../domain/ledger-ports.ts';
import type { ClientCertificates, PushedCertificates } from '../domain/target-ports.ts';
import type { UsageIndex, UsageScanner } from '../domain/usage-ports.ts';
import type { Absences, SourceSightings, Vaults, VaultWriter } from '../domain/vault-ports.ts';
import type { DocumentCopies, ReferenceDocuments, Repairs } from '../domain/repair-ports.ts';

/** Where Certkeeper's adapters reach. */
export interface AdapterSettings {
  readonly vaults: readonly CaredFor[];
  readonly services: readonly CaredFor[];
  readonly cloud: {
    readonly vaultSuffix: string;
    readonly managementUrl: string;
    readonly managementScope: string;
    readonly graphUrl: string;
    readonly loginUrl: string;
    readonly classicUrl: string;
  };
  readonly keyCare: KeyCare;
  readonly clientId: string | undefined;
  /** This installation's id; absent = one is made once. */
  readonly installation: string | undefined;
  readonly eventsTopic: string | undefined;
  readonly notify: { readonly places: readonly { readonly name: string }[] };
  readonly storage: StorageSettings;
  readonly localAzure: string | undefined;
  /** The most first. */
  readonly expiryDays: readonly number[];
}

export interface Adapters {
  /** Certkeeper's own identity. */
  readonly credential: TokenCredential;
  readonly vaults: Vaults & Absences & SourceSightings;
  readonly vaultWriter: VaultWriter;
  readonly certificates: ClientCertificates;
  readonly pushed: PushedCertificates;
  readonly access: AccessReader;
  readonly giver: AccessGiver;
  readonly grants: Grants;
  readonly installations: InstallationLedger;
  readonly marks: InstallationMarks;
  readonly cleanups: Cleanups;
  readonly ledger: Ledger;
  readonly history: History;
  readonly keyedRequests: KeyedRequests;
  readonly arrivals: Arrivals;
  readonly vaultArrivals: Arrivals<string>;
  readonly placeArrivals: Arrivals<string>;
  readonly notes: NotifyLedger;
  readonly notifyFailures: NotifyFailures;
  readonly figures: FiguresLedger;
  readonly publisher: OutcomePublisher;
  readonly caStores: CaStores;
  readonly caLedger: CaLedger;
  readonly caCopies: CaCopies;
  readonly caArrivals: Arrivals<string>;
  readonly usageScanner: UsageScanner;
  readonly documents: ReferenceDocuments;
  readonly copies: DocumentCopies;
  readonly repairs: Repairs;
  readonly usageIndex: UsageIndex;
  readonly applicationKeys: ApplicationKeys;
  readonly subscriptionCertificates: SubscriptionCertificates;
  readonly ownKeys: OwnKeys;
  readonly publicCertificates: PublicCertificates;
  readonly keySignIn: KeySignIn;
  readonly vaultInventories: VaultInventories;
  readonly serviceInventories: ServiceInventories;
  readonly usageOverview: UsageOverview;
  readonly auditParts: AuditParts;
  readonly auditReports: AuditReports;
  readonly acknowledgements: Acknowledgements;
  readonly backups: Backups;
  readonly restores: Restores;
}

/** The table of the ledger. */
const LEDGER_TABLE = 'certkeeper';
/** The table of the index of uses: of its own, so that the ledger's ranges hold nothing else. */
const USAGE_TABLE = 'certkeeperusage';
/** The table of audits, and of what they know of certificates. */
const AUDIT_TABLE = 'certkeeperaudits';

/** Makes every adapter. Opens no connection: that is left to the first call. */
export function makeAdapters(settings: AdapterSettings, now: () => Date): Adapters {
  const { clientId, cloud, localAzure, vaults, services } = settings;
  const credential = new ManagedIdentityCredential(clientId === undefined ? {} : { clientId });
  const bounded = makeBoundedHttpClient();
  const httpClient = localAzure === undefined ? bounded : makeLocalHttpClient(localAzure, bounded);
  const clients = new AzureClients({ credential, httpClient, ...cloud });
  const table = new DocumentTable(LEDGER_TABLE, settings.storage, credential, bounded);
  const usageTable = new DocumentTable(USAGE_TABLE, settings.storage, credential, bounded);
  const auditTable = new DocumentTable(AUDIT_TABLE, settings.storage, credential, bounded);
  const auditBlobs = new BlobContainer(AUDITS_CONTAINER, settings.storage, credential);
  const caBlobs = new BlobContainer(CA_CONTAINER, settings.storage, credential);
  const certificatesInVaults = makeVaults(clients, vaults);
  return {
    credential,
    vaults: certificatesInVaults,
    vaultWriter: makeNotingWriter(makeVaultWriter(clients, vaults), makeChainNotes(auditTable)),
    certificates: makeClientCertificates(clients, services, cloud.vaultSuffix),
    pushed: makePushedCertificates(clients, services, cloud.vaultSuffix),
    access: makeAccessReader(clients, { vaults, services }),
    giver: makeAccessGiver(clients, { vaults, services }),
    grants: makeGrants(table),
    installations: makeInstallationLedger(table, settings.installation),
    marks: makeInstallationMarks(clients, services),
    cleanups: makeCleanups(table),
    ledger: makeLedger(table),
    history: makeHistory(table),
    keyedRequests: makeKeyedRequests(table, now),
    documents: makeReferenceDocuments(clients, services),
    copies: makeDocumentCopies(new BlobContainer(COPIES_CONTAINER, settings.storage, credential)),
    repairs: makeRepairs(table),
    arrivals: makeArrivals(table, now),
    vaultArrivals: makeVaultArrivals(table, now),
    placeArrivals: makePlaceArrivals(table, now),
    notes: makeNotifyLedger(table),
    notifyFailures: makeNotifyFailures(
      table,
      settings.notify.places.map(({ name }) => name),
    ),
    figures: makeFiguresLedger(table),
    applicationKeys: makeApplicationKeys(
      makeRestCalls(credential, httpClient, `${cloud.graphUrl}/.default`),
      cloud.graphUrl,
      settings.keyCare,
    ),
    subscriptionCertificates: makeSubscriptionCertificates(
      makeRestCalls(credential, httpClient, `${cloud.classicUrl}/.default`),
      cloud.classicUrl,
      settings.keyCare,
    ),
    ownKeys: makeOwnKeys(table),
    publicCertificates: makePublicCertificates(clients, vaults),
    keySignIn: makeKeySignIn(
      makeRestCalls(credential, httpClient, undefined),
      cloud,
      makeSignInVault(
        makeRestCalls(credential, httpClient, `https://${cloud.vaultSuffix}/.default`),
        vaults,
        cloud.vaultSuffix,
      ),
      now,
    ),
    usageScanner: makeUsageScanner(clients, services, cloud.vaultSuffix, now),
    usageIndex: makeUsageIndex(clients, services, cloud.vaultSuffix, now, usageTable),
    caStores: makeCaStores(clients, services),
    caLedger: makeCaLedger(table),
    caCopies: makeCaCopies(table, caBlobs),
    caArrivals: makeCaArrivals(table, now),
    vaultInventories: makeVaultInventories({
      ...{ clients, vaults, now, lists: certificatesInVaults, table: auditTable },
      vaultSuffix: cloud.vaultSuffix,
      expiryDays: settings.expiryDays[0] ?? 0,
    }),
    serviceInventories: makeServiceInventories(clients, settings, cloud.vaultSuffix, now),
    usageOverview: makeUsageOverview(usageTable),
    auditParts: makeAuditParts(auditBlobs),
    auditReports: makeAuditReports(auditTable, auditBlobs),
    acknowledgements: makeAcknowledgements(table),
    backups: makeBackups(
      { table, copies: caBlobs },
      new BlobContainer(BACKUPS_CONTAINER, settings.storage, credential),
    ),
    restores: makeRestores({
      ...{ table, copies: caBlobs },
      care: { vaults: namesOf(vaults), services: namesOf(services) },
    }),
    publisher: makeOutcomePublisher(settings.eventsTopic, credential, httpClient),
  };
}

function namesOf(all: readonly CaredFor[]): ReadonlySet<string> {
  return new Set(all.map(({ name }) => name));
}
