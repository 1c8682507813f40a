import type { DurableClient } from 'durable-functions';
import { makeAccessRoute, type AccessRoutePorts } from './triggers/access-route.ts';
import {
  makeAcknowledgeRoute,
  makeUnacknowledgeRoute,
  type AcknowledgementRoutePorts,
} from './triggers/audit/acknowledgement-routes.ts';
import {
  makeListAuditsRoute,
  makeShowAuditRoute,
  type AuditRoutePorts,
} from './triggers/audit/audit-routes.ts';
import { makeStartAuditRoute } from './triggers/audit/start-audit.ts';
import { makeApproveRoute } from './triggers/approve-route.ts';
import { makeDashboardRoutes } from './triggers/dashboard/dashboard-routes.ts';
import type { DashboardPorts } from './triggers/dashboard/read-dashboard.ts';
import {
  makeGrantRoute,
  makeTakeBackRoute,
  type GrantRoutePorts,
} from './triggers/grant-routes.ts';
import { makeDownloadBackupRoute, makeListBackupsRoute } from './triggers/backups/backup-routes.ts';
import { makeRestoreRoute, type RestorePorts } from './triggers/backups/restore-route.ts';
import { makeAddCaRoute, makeListCaRoute, makeRemoveCaRoute } from './triggers/ca/ca-routes.ts';
import type { CaRoutePorts } from './triggers/ca/ca-ports.ts';
import {
  makeConfirmOrphansRoute,
  makeListCleanupsRoute,
  makeShowCleanupRoute,
  makeUndoCleanupRoute,
  type CleanupRoutePorts,
} from './triggers/cleanup-routes.ts';
import {
  makeAddManagementRoute,
  makeListManagementRoute,
  makeRemoveManagementRoute,
} from './triggers/management/management-routes.ts';
import type { ManagementPorts } from './triggers/management/ports.ts';
import { makeRenewKeyRoute } from './triggers/management/renew-key-route.ts';
import { makeHealthRoute } from './triggers/health-route.ts';
import { makeListCertificatesRoute } from './triggers/list-certificates-route.ts';
import {
  makeTestNotificationsRoute,
  type NotificationRoutePorts,
} from './triggers/notifications-route.ts';
import { makeOpenApiRoute } from './triggers/openapi-route.ts';
import { makeOperationRoute } from './triggers/operation-route.ts';
import {
  makeListRepairsRoute,
  makeShowRepairRoute,
  makeUndoRepairRoute,
  type RepairRoutePorts,
} from './triggers/repair-routes.ts';
import { makeShowCertificateRoute } from './triggers/show-certificate-route.ts';
import { makeSweepRoute } from './triggers/sweep-trigger.ts';
import {
  makeBindRoute,
  makeDetachRoute,
  type BindingRoutePorts,
} from './triggers/uploads/binding-routes.ts';
import { makeRollbackRoute } from './triggers/uploads/rollback-route.ts';
import {
  makeNewVersionRoute,
  makeUploadRoute,
  type UploadRoutePorts,
} from './triggers/uploads/upload-routes.ts';
import { makeSyncRoute, type SyncRoutePorts } from './triggers/sync-route.ts';
import { makeTakeServiceRoute, type TakeServiceRoutePorts } from './triggers/take-service-route.ts';
import { makeUsageRoute, type UsageRoutePorts } from './triggers/usage-route.ts';
import type { Auth } from '../shared/config.ts';
import type { KeyCare } from '../shared/domain/key-care.ts';
import type { KeyedRequests } from '../shared/domain/arrival-ports.ts';
import type { History, Ledger } from '../shared/domain/ledger-ports.ts';
import type { Vaults } from '../shared/domain/vault-ports.ts';
import type { findStatus } from '../shared/durable/start-once.ts';
import { makeOnce } from '../shared/http/idempotency.ts';
import type { Route } from '../shared/http/route.ts';
import { makeProblemPage } from '../shared/report/dashboard/dashboard-page.ts';

/** What the routes need of the rest. */
export interface RouteParts {
  /** Names of what is under care. */
  readonly care: { readonly vaults: ReadonlySet<string>; readonly services: ReadonlySet<string> };
  readonly ledger: Ledger;
  readonly history: Pick<History, 'add' | 'list'>;
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'>;
  readonly planSource: SyncRoutePorts['plan'];
  readonly checkAccess: AccessRoutePorts['check'];
  readonly checkKey: AccessRoutePorts['checkKey'];
  readonly grants: Omit<GrantRoutePorts, 'vaults' | 'services' | 'findStatus'>;
  readonly requestSync: SyncRoutePorts['requestSync'];
  readonly findStatus: (client: DurableClient, id: string) => ReturnType<typeof findStatus>;
  readonly uploads: Omit<
    Parameters<typeof makeRollbackRoute>[0] & UploadRoutePorts & BindingRoutePorts,
    'vaultNames' | 'requestSync' | 'now' | 'once'
  >;
  readonly usage: Pick<UsageRoutePorts, 'index' | 'observe' | 'scanner'>;
  readonly repairs: RepairRoutePorts;
  readonly ca: Omit<CaRoutePorts, 'services' | 'ledger' | 'now'>;
  readonly cleanups: Omit<
    CleanupRoutePorts,
    'services' | 'ledger' | 'history' | 'requestSync' | 'now'
  >;
  readonly takeService: TakeServiceRoutePorts['take'];
  readonly audits: AuditRoutePorts & Omit<AcknowledgementRoutePorts, 'now'>;
  readonly backups: Pick<RestorePorts, 'backups' | 'restores'>;
  readonly keyCare: KeyCare;
  readonly management: Omit<ManagementPorts, 'care' | 'rules' | 'ledger' | 'history' | 'now'> &
    Pick<Parameters<typeof makeRenewKeyRoute>[0], 'certificates' | 'renew' | 'signIn' | 'pause'>;
  readonly notifications: Omit<NotificationRoutePorts, 'now'>;
  readonly keyedRequests: KeyedRequests;
  readonly now: () => Date;
  readonly clock: DashboardPorts['clock'];
  readonly authMode: Auth['mode'];
}

/** Every route below `/api`, in the order in which the documentation lists them. */
export function makeRoutes(parts: RouteParts): readonly Route[] {
  const { care, ledger, history, vaults, findStatus, now } = parts;
  const uploads = {
    ...parts.uploads,
    vaultNames: care.vaults,
    requestSync: parts.requestSync,
    once: makeOnce(parts.keyedRequests),
    now,
  };
  const grants = { ...parts.grants, ...care, findStatus };
  const management = { ...uploads, ...parts.management, care: parts.keyCare };
  const ca = { ...parts.ca, services: care.services, ledger, now, once: uploads.once };
  const cleanups = {
    ...parts.cleanups,
    ...{ ledger, history, now, services: care.services, requestSync: parts.requestSync },
  };
  const routes = [
    makeListCertificatesRoute({ ledger, now }),
    makeShowCertificateRoute({ vaults: care.vaults, ledger, history, vault: vaults }),
    makeUploadRoute(uploads),
    makeNewVersionRoute(uploads),
    makeRollbackRoute(uploads),
    makeBindRoute(uploads),
    makeDetachRoute(uploads),
    makeSyncRoute({
      vaults: care.vaults,
      plan: parts.planSource,
      requestSync: parts.requestSync,
    }),
    makeAccessRoute({
      ...care,
      check: parts.checkAccess,
      keyCare: parts.keyCare,
      checkKey: parts.checkKey,
    }),
    makeUsageRoute({ ...parts.usage, ...care, ledger, vault: vaults }),
    makeGrantRoute(grants),
    makeTakeBackRoute(grants),
    makeAddCaRoute(ca),
    makeListCaRoute(ca),
    makeRemoveCaRoute(ca),
    makeAddManagementRoute(management),
    makeListManagementRoute(management),
    makeRemoveManagementRoute(management),
    makeRenewKeyRoute(management),
    makeOperationRoute(findStatus),
    makeApproveRoute({ ...uploads, findStatus }),
    makeListRepairsRoute(parts.repairs),
    makeShowRepairRoute(parts.repairs),
    makeUndoRepairRoute(parts.repairs),
    makeListCleanupsRoute(cleanups),
    makeShowCleanupRoute(cleanups),
    makeUndoCleanupRoute(cleanups),
    makeConfirmOrphansRoute(cleanups),
    makeTakeServiceRoute({ services: care.services, take: parts.takeService }),
    makeSweepRoute({ findStatus }),
    ...makeDashboardRoutes({
      ...{ ...parts.audits, care, ledger, now, clock: parts.clock },
      withDoor: parts.authMode === 'function-key',
    }),
    makeTestNotificationsRoute({ ...parts.notifications, now }),
    makeStartAuditRoute({ findStatus }),
    makeListAuditsRoute(parts.audits),
    makeShowAuditRoute(parts.audits),
    makeAcknowledgeRoute({ ...parts.audits, now }),
    makeUnacknowledgeRoute(parts.audits),
    makeListBackupsRoute(parts.backups),
    makeDownloadBackupRoute(parts.backups),
    makeRestoreRoute({ ...parts.backups, findStatus, now }),
    makeHealthRoute({ findStatus }),
  ];
  const refusalPage = makeProblemPage(
    parts.authMode === 'function-key' ? '/api/dashboard/open' : '/api/dashboard',
  );
  return [...routes, makeOpenApiRoute(routes, parts.authMode)].map((route) =>
    // What is read may be opened in a browser, and so may the refusal to show it.
    route.method === 'GET' ? { refusalPage, ...route } : route,
  );
}
