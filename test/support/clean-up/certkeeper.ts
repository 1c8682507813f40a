/**
 * Certkeeper as `functions/index.ts` composes it, as far as sweeps and syncs of certificates go: the
 * real adapters over real SDK clients, its own tables in memory.
 */
import { makeAttachTarget } from '../../../functions/activities/attach-target.ts';
import {
  makeObserveTarget,
  makeRefreshTarget,
  makeRepointTarget,
} from '../../../functions/activities/change-target.ts';
import { makeCheckServiceAccess } from '../../../functions/activities/check-service-access.ts';
import { makeCheckTarget } from '../../../functions/activities/check-target.ts';
import { makeCleanUpService } from '../../../functions/activities/cleanup/clean-up-service.ts';
import { makeRefreshUsage } from '../../../functions/activities/cleanup/refresh-usage.ts';
import { makeDiagnoseTarget } from '../../../functions/activities/diagnose-target.ts';
import { makeTakeBack } from '../../../functions/activities/grants/take-back.ts';
import { makeIdentifyTarget } from '../../../functions/activities/identify-target.ts';
import { makeObserveSource } from '../../../functions/activities/observe-source.ts';
import { makePublishOutcomes } from '../../../functions/activities/publish-outcomes.ts';
import { makePushTarget } from '../../../functions/activities/push-target.ts';
import { makeRecordSync } from '../../../functions/activities/record-sync.ts';
import { makeRemoveTarget } from '../../../functions/activities/remove-target.ts';
import { makeSurveyService } from '../../../functions/activities/survey-service.ts';
import { makeSurveyVault } from '../../../functions/activities/survey-vault.ts';
import { makeAccessReader } from '../../../shared/azure/access.ts';
import { makeAccessGiver } from '../../../shared/azure/access-giver.ts';
import { makeClientCertificates } from '../../../shared/azure/api-management.ts';
import { makeArrivals } from '../../../shared/azure/arrivals.ts';
import { AzureClients } from '../../../shared/azure/azure-clients.ts';
import type { CaredFor } from '../../../shared/azure/cared-for.ts';
import { makeCleanups } from '../../../shared/azure/cleanups.ts';
import { makeGrants } from '../../../shared/azure/grants.ts';
import { makeHistory } from '../../../shared/azure/history.ts';
import { makeVaults } from '../../../shared/azure/key-vault.ts';
import { makeLedger } from '../../../shared/azure/ledger.ts';
import { makePushedCertificates } from '../../../shared/azure/pushed-certificates.ts';
import type { StoredRow } from '../../../shared/azure/tables.ts';
import { makeUsageIndex } from '../../../shared/azure/usage/usage-index.ts';
import { makeUsageScanner } from '../../../shared/azure/usage/usage-scanner.ts';
import { makeVaultWriter } from '../../../shared/azure/vault-writer.ts';
import { requestSync, type StartOnce } from '../../../shared/durable/start-once.ts';
import type { CleanupPolicy } from '../../../shared/domain/cleanup.ts';
import type { ConsentRule } from '../../../shared/domain/consent.ts';
import type { OutcomeEvent } from '../../../shared/domain/event-ports.ts';
import type { UsageScanner } from '../../../shared/domain/usage-ports.ts';
import type { Source } from '../../../shared/domain/source.ts';
import { always } from '../../../shared/domain/suspect-policy.ts';
import { makeMemoryTable, type Table } from '../memory-table.ts';
import { makeMemoryUsageTable } from '../memory-usage-table.ts';
import type { Lifeline } from './lifeline.ts';
import type { Wire } from './wire.ts';

export const SUFFIX = 'vault.azure.net';

export interface CertkeeperOptions {
  readonly vaults: readonly CaredFor[];
  readonly services: readonly CaredFor[];
  readonly policy: CleanupPolicy;
  readonly consent: readonly ConsentRule[];
  readonly lifeline: Lifeline;
  readonly wire: Wire;
  /** For Certkeeper's own identity. */
  readonly token: (scope: string) => Promise<string>;
  readonly client: StartOnce['client'];
  readonly now: () => Date;
  /** It begins to look at what uses a service's certificates. */
  readonly onScan: (service: string) => void;
}

export type Certkeeper = ReturnType<typeof makeCertkeeper>;

export function makeCertkeeper(options: CertkeeperOptions) {
  const { vaults: careVaults, services, policy, consent, lifeline, wire, now } = options;
  const clients = new AzureClients({
    credential: {
      getToken: async (scopes) => ({
        token: await options.token([scopes].flat()[0] ?? ''),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    },
    httpClient: wire.httpClient,
    vaultSuffix: SUFFIX,
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
  });
  const table = makeMemoryTable();
  const usageTable = makeMemoryUsageTable();
  const kept = mortal(table, lifeline);
  const events: OutcomeEvent[] = [];
  const publisher = {
    publish: (some: readonly OutcomeEvent[]) =>
      lifeline.touch(async () => {
        events.push(...some);
      }),
  };
  const care = { vaults: careVaults, services };
  const vaults = makeVaults(clients, careVaults);
  const writer = makeVaultWriter(clients, careVaults);
  const certificates = makeClientCertificates(clients, services, SUFFIX);
  const pushed = makePushedCertificates(clients, services, SUFFIX);
  const access = makeAccessReader(clients, care);
  const ledger = makeLedger(kept);
  const history = makeHistory(kept);
  const cleanups = makeCleanups(kept);
  const grants = makeGrants(kept);
  const arrivals = makeArrivals(kept, now);
  const realScanner = makeUsageScanner(clients, services, SUFFIX, now);
  const scanner: UsageScanner = {
    scan(service) {
      options.onScan(service);
      return realScanner.scan(service);
    },
  };
  const index = makeUsageIndex(clients, services, SUFFIX, now, mortal(usageTable, lifeline));
  const giver = makeAccessGiver(clients, care);

  const vaultNames = new Set(careVaults.map(({ name }) => name));
  const serviceNames = new Set(services.map(({ name }) => name));
  const looking = {
    ...{ access, certificates, pushed, vaults, writer, now },
    vaultSuffix: SUFFIX,
  };
  const hold = { require: () => Promise.resolve() };
  const takeBack = makeTakeBack({ giver, grants, history, hold, ledger, now });
  const surveyVault = makeSurveyVault({
    ...{ ledger, cleanups, vaults, access, pushed, history, publisher, now },
    repair: false,
  });
  const { client } = options;
  const starting: StartOnce['client'] = {
    getStatus: (...given) => lifeline.touch(() => client.getStatus(...given)),
    startNew: (...given) => lifeline.touch(() => client.startNew(...given)),
  };
  const ask = async (source: Source): Promise<void> => {
    let looks = 0;
    // Who waits for somebody that died looks at the clock; it need not really go on for that.
    const passing = () => new Date(now().getTime() + 2_000 * looks++);
    await requestSync({ client: starting, arrivals, now: passing }, source, { fresh: true });
  };

  const behaviour = {
    ListCare: () => Promise.resolve({ vaults: [...vaultNames], services: [...serviceNames] }),
    SurveyService: makeSurveyService({ certificates, pushed, ledger, vaults: vaultNames }),
    SurveyVault: (input: Parameters<typeof surveyVault>[0]) => surveyVault(input, ask),
    RefreshUsage: makeRefreshUsage({ ledger, index, maxAgeSeconds: 1_800 }),
    CleanUpService: makeCleanUpService({
      ...{ ledger, cleanups, vaults, scanner, pushed, takeBack, history, publisher },
      ...{ policy, vaultSuffix: SUFFIX, now },
    }),
    // Stores of CA certificates are another matter.
    SurveyCaStore: () => Promise.resolve({ doubted: 0 }),
    CheckServiceAccess: makeCheckServiceAccess({ ...looking, ledger, history, publisher }),
    ObserveSource: makeObserveSource({
      ...{ arrivals, ledger, vaults, consent, services: serviceNames, vaultSuffix: SUFFIX, index },
      ...{ onSuspect: always('warn'), grantAccess: 'never' },
      ...{ repairReferences: 'report', holdIfBreaking: false },
    }),
    RereadSource: ({ source }: { source: Source }) => vaults.readCurrent(source),
    ObserveTarget: makeObserveTarget({
      ...{ certificates, pushed },
      observeCa: () => Promise.reject(new Error('There are no CA certificates here')),
    }),
    CheckTarget: makeCheckTarget(looking),
    AttachTarget: makeAttachTarget({ access, certificates, ledger }),
    RepointTarget: makeRepointTarget({ access, certificates }),
    RefreshTarget: makeRefreshTarget(certificates),
    PushTarget: makePushTarget({ ledger, pushed, vaults, writer }),
    IdentifyTarget: makeIdentifyTarget(vaults),
    RemoveTarget: makeRemoveTarget({ pushed, scanner, ledger }),
    DiagnoseTarget: makeDiagnoseTarget(looking),
    RecordSync: makeRecordSync(ledger, history),
    PublishOutcomes: makePublishOutcomes(publisher),
    CloseSync: async ({ source, arrival }: { source: Source; arrival: number | 'last' }) => ({
      again: !(await arrivals.close(source, arrival)),
    }),
  };
  return {
    events,
    /** What is in its tables, read by nobody's leave; no power cut ends these. */
    own: {
      ledger: makeLedger(table),
      cleanups: makeCleanups(table),
      async text(): Promise<string> {
        const rows: unknown[] = [...usageTable.all().values()];
        for await (const { document } of table.list()) rows.push(document);
        return JSON.stringify([rows, events]);
      },
    },
    async run(name: string, input: unknown): Promise<unknown> {
      const run = behaviour[name as keyof typeof behaviour] as
        ((input: unknown) => Promise<unknown>) | undefined;
      if (run === undefined) throw new Error(`Nobody expected ${name}`);
      return await lifeline.run(() => run(input));
    },
  };
}

/** A table that is reached by what lives only. */
function mortal<Some extends Pick<Table, 'get' | 'list' | 'put' | 'remove'> & Partial<Table>>(
  table: Some,
  lifeline: Lifeline,
): Some {
  const through =
    <Given extends unknown[], Result>(run: (...given: Given) => Promise<Result>) =>
    (...given: Given) =>
      lifeline.touch(() => run.apply(table, given));
  const { add, replace } = table;
  return {
    ...table,
    get: through(table.get),
    put: through(table.put),
    remove: through(table.remove),
    ...(add === undefined ? {} : { add: through(add) }),
    ...(replace === undefined ? {} : { replace: through(replace) }),
    async *list(...given: Parameters<Table['list']>) {
      const rows: StoredRow[] = [];
      for await (const row of table.list(...given)) rows.push(row);
      yield* await lifeline.touch(() => Promise.resolve(rows));
    },
  };
}
