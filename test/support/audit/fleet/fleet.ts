/**
 * A fleet of many small vaults and services in the simulated Azure, each with something of its own to
 * be found, and one audit over all of them: Certkeeper's own adapters and activities, the real
 * clients, and a ledger as surveys, checks and syncs leave it.
 */
import { makeComposeAudit } from '../../../../functions/activities/audit/compose-audit.ts';
import { makeNoteUnreadable } from '../../../../functions/activities/audit/note-unreadable.ts';
import {
  makeReadService,
  makeReadVault,
} from '../../../../functions/activities/audit/read-part.ts';
import { makeCheckServiceAccess } from '../../../../functions/activities/check-service-access.ts';
import { makeSurveyService } from '../../../../functions/activities/survey-service.ts';
import { makeAccessReader } from '../../../../shared/azure/access.ts';
import { makeClientCertificates } from '../../../../shared/azure/api-management.ts';
import { makeAcknowledgements } from '../../../../shared/azure/audit/acknowledgements.ts';
import { makeAuditParts } from '../../../../shared/azure/audit/audit-parts.ts';
import { makeAuditReports } from '../../../../shared/azure/audit/audit-reports.ts';
import { makeChainNotes } from '../../../../shared/azure/audit/kept-details.ts';
import { makeServiceInventories } from '../../../../shared/azure/audit/service-inventories.ts';
import { makeVaultInventories } from '../../../../shared/azure/audit/vault-inventories.ts';
import { AzureClients } from '../../../../shared/azure/azure-clients.ts';
import { makeVaults } from '../../../../shared/azure/key-vault.ts';
import { makePushedCertificates } from '../../../../shared/azure/pushed-certificates.ts';
import { makeUsageIndex } from '../../../../shared/azure/usage/usage-index.ts';
import { makeUsageOverview } from '../../../../shared/azure/usage/usage-overview.ts';
import { makeVaultWriter } from '../../../../shared/azure/vault-writer.ts';
import type { Undelivered } from '../../../../shared/domain/audit/audit-facts.ts';
import type { AuditReport } from '../../../../shared/domain/audit/audit-report.ts';
import { TerminalError, type Problem } from '../../../../shared/domain/errors.ts';
import { renderReport } from '../../../../shared/report/render-report.ts';
import { makeReportReader } from '../../../../shared/report/report-reader.ts';
import { SUBSCRIPTION, type AzureUnderTest } from '../../azure/azure-clients.ts';
import type { AccessWorld } from '../../azure/access-world.ts';
import { makeLocalAzureHttpClient } from '../../local-azure-http-client.ts';
import { wholeReport } from '../whole-report.ts';
import { makeMemoryBlobs } from '../../memory-blobs.ts';
import { makeMemoryHistory } from '../../memory-history.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../memory-ledger.ts';
import { makeMemoryTable, type Table } from '../../memory-table.ts';
import { makeMemoryUsageTable } from '../../memory-usage-table.ts';

const SUFFIX = 'vault.azure.net';
const AUDIT = '20261128T020000Z-3f9c1a';
/**
 * The audit comes so long after everything was made: a custom domain takes up to four hours to follow
 * its vault, and until then is not found to be behind.
 */
const LATER_MS = 5 * 3_600_000;

export type Fleet = Awaited<ReturnType<typeof makeFleet>>;

/** @param care the worlds whose services, and those whose vaults, are under care */
export async function makeFleet(
  under: AzureUnderTest,
  care: { readonly services: readonly AccessWorld[]; readonly vaults: readonly AccessWorld[] },
) {
  const { body } = await under.ask('GET', '/_local/clock');
  const aheadMs = Number(Reflect.get(Object(body), 'offsetSeconds')) * 1_000;
  const clients = clientsOf(under);
  const cared = (id: string, name: string) => ({
    ...{ id, name, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-contoso' },
  });
  const vaults = care.vaults.map(({ vaultId, vault }) => cared(vaultId, vault));
  const services = care.services.map(({ serviceId, service }) => cared(serviceId, service));
  const ledger = makeMemoryLedger();
  const table = makeMemoryTable();
  const usageTable = makeMemoryUsageTable();
  const now = () => new Date(Date.now() + aheadMs + LATER_MS);
  const adapters = {
    certificates: makeClientCertificates(clients, services, SUFFIX),
    pushed: makePushedCertificates(clients, services, SUFFIX),
    access: makeAccessReader(clients, { vaults, services }),
    vaults: makeVaults(clients, vaults),
    writer: makeVaultWriter(clients, vaults),
  };
  const survey = makeSurveyService({
    ...{ ...adapters, ledger },
    vaults: new Set(vaults.map(({ name }) => name)),
  });
  const check = makeCheckServiceAccess({
    ...{ ...adapters, ledger, now, vaultSuffix: SUFFIX, history: makeMemoryHistory() },
    publisher: { publish: async () => undefined },
  });
  const index = makeUsageIndex(clients, services, SUFFIX, now, usageTable);
  const undelivered: Undelivered[] = [];
  const marks: Problem[] = [];
  const backup: { problem: Problem | undefined } = { problem: undefined };
  return {
    ...{ ledger, table, undelivered, marks, backup, now },
    chains: makeChainNotes(table),

    /** Takes what uses the vaults' certificates into the ledger. */
    async survey(service: string): Promise<void> {
      await survey({ service });
    },

    /** Looks at what uses the certificates of a service. */
    async refreshUsage(service: string): Promise<void> {
      let after: string | undefined;
      do {
        const at = now().toISOString();
        ({ after } = await index.refresh(service, { at, ...(after && { after }) }));
      } while (after !== undefined);
    },

    /** Whether what is bound at a service could follow its source. */
    async checkAccess(service: string): Promise<void> {
      await check({ service, operation: 'sweep', at: now().toISOString() }).catch(terminal);
    },

    audit: (): Promise<AuditReport> =>
      auditAll(
        { clients, vaults, services, ledger, table, usageTable, undelivered, marks, backup, now },
        adapters,
      ),
  };
}

/** What is refused for good is told by the audit; anything else is a mistake of the test. */
function terminal(error: unknown): void {
  if (!(error instanceof TerminalError)) throw error;
}

async function auditAll(
  parts: {
    readonly clients: AzureClients;
    readonly vaults: Parameters<typeof makeVaults>[1];
    readonly services: Parameters<typeof makeVaults>[1];
    readonly ledger: MemoryLedger;
    readonly table: Table;
    readonly usageTable: ReturnType<typeof makeMemoryUsageTable>;
    readonly undelivered: readonly Undelivered[];
    readonly marks: readonly Problem[];
    /** What is wrong with the audit's backup. */
    readonly backup: { readonly problem: Problem | undefined };
    readonly now: () => Date;
  },
  {
    access,
    vaults: lists,
  }: Pick<Parameters<typeof makeReadVault>[0], 'access'> & {
    readonly vaults: ReturnType<typeof makeVaults>;
  },
): Promise<AuditReport> {
  const { clients, vaults, services, table, now } = parts;
  const blobs = makeMemoryBlobs();
  const stored = makeAuditParts(blobs);
  const reports = makeAuditReports(makeMemoryTable(), blobs);
  const readVault = makeReadVault({
    inventories: makeVaultInventories({
      ...{ clients, vaults, lists, table, now, vaultSuffix: SUFFIX, expiryDays: 30 },
    }),
    ...{ access, parts: stored },
  });
  const readService = makeReadService({
    inventories: makeServiceInventories(clients, { vaults, services }, SUFFIX, now),
    ...{ usage: makeUsageOverview(parts.usageTable), parts: stored },
  });
  const note = makeNoteUnreadable({ parts: stored, vaults, services });
  const at = now().toISOString();
  for (const [kind, all, read] of [
    ['vault', vaults, readVault],
    ['service', services, readService],
  ] as const) {
    for (const { name } of all) {
      await read({ audit: AUDIT, name }).catch(async (error: unknown) => {
        if (!(error instanceof TerminalError)) throw error;
        await note({ audit: AUDIT, kind, name, problem: error.problem, at });
      });
    }
  }
  const compose = makeComposeAudit({
    ...{
      vaults,
      services,
      parts: stored,
      reports,
      reader: makeReportReader(reports),
      render: renderReport,
    },
    ledger: parts.ledger,
    acknowledgements: makeAcknowledgements(makeMemoryTable()),
    undelivered: async () => parts.undelivered,
    marks: async () => parts.marks,
    keepBackup: async () => parts.backup.problem,
    ...{ settings: { expiryDays: [30, 14, 7] }, publicIssuers: () => [], vaultSuffix: SUFFIX },
  });
  await compose({ audit: AUDIT, by: { kind: 'platform' }, startedAt: at, completedAt: at });
  return await wholeReport(reports, AUDIT);
}

/** As an operator, who may look at everything. */
function clientsOf(under: AzureUnderTest): AzureClients {
  return new AzureClients({
    credential: {
      getToken: async () => ({ token: 'operator', expiresOnTimestamp: Date.now() + 3_600_000 }),
    },
    httpClient: makeLocalAzureHttpClient(under.azure.url),
    vaultSuffix: SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
}
