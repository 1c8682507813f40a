import type { DurableClient } from 'durable-functions';
import { makeAccessRoute, type AccessRoutePorts } from './triggers/access-route.ts';
import { makeApproveRoute } from './triggers/approve-route.ts';
import {
  makeGrantRoute,
  makeTakeBackRoute,
  type GrantRoutePorts,
} from './triggers/grant-routes.ts';
import { makeListCertificatesRoute } from './triggers/list-certificates-route.ts';
import { makeOpenApiRoute } from './triggers/openapi-route.ts';
import { makeOperationRoute } from './triggers/operation-route.ts';
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
import type { Auth } from '../shared/config.ts';
import type { History, KeyedRequests, Ledger, Vaults } from '../shared/domain/ports.ts';
import type { findStatus } from '../shared/durable/start-once.ts';
import { makeOnce } from '../shared/http/idempotency.ts';
import type { Route } from '../shared/http/route.ts';

/** What the routes need of the rest. */
export interface RouteParts {
  /** Names of what is under care. */
  readonly care: { readonly vaults: ReadonlySet<string>; readonly services: ReadonlySet<string> };
  readonly ledger: Ledger;
  readonly history: Pick<History, 'list'>;
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'>;
  readonly planSource: SyncRoutePorts['plan'];
  readonly checkAccess: AccessRoutePorts['check'];
  readonly grants: Omit<GrantRoutePorts, 'vaults' | 'services' | 'findStatus'>;
  readonly requestSync: SyncRoutePorts['requestSync'];
  readonly findStatus: (client: DurableClient, id: string) => ReturnType<typeof findStatus>;
  readonly uploads: Omit<
    Parameters<typeof makeRollbackRoute>[0] & UploadRoutePorts & BindingRoutePorts,
    'vaultNames' | 'requestSync' | 'now' | 'once'
  >;
  readonly keyedRequests: KeyedRequests;
  readonly now: () => Date;
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
    makeAccessRoute({ ...care, check: parts.checkAccess }),
    makeGrantRoute(grants),
    makeTakeBackRoute(grants),
    makeOperationRoute(findStatus),
    makeApproveRoute({ ...uploads, findStatus }),
    makeSweepRoute({ findStatus, now }),
  ];
  return [...routes, makeOpenApiRoute(routes, parts.authMode)];
}
