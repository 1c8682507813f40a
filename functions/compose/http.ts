import { randomUUID } from 'node:crypto';
import type { HttpMethod } from '@azure/functions';
import * as df from 'durable-functions';
import { readCaUpload } from '../../shared/certificates/read-ca-upload.ts';
import { readPublicCertificate } from '../../shared/certificates/read-public-certificate.ts';
import { readUpload } from '../../shared/certificates/read-upload.ts';
import { renewSelfSigned } from '../../shared/certificates/renew-self-signed.ts';
import { findStatus, requestCaUpdate, requestSync } from '../../shared/durable/start-once.ts';
import { makeAdmit } from '../../shared/http/admit.ts';
import { toHttpHandler } from '../../shared/http/http-handler.ts';
import type { Route } from '../../shared/http/route.ts';
import { makeObserveTarget } from '../activities/change-target.ts';
import { makeCheckTarget } from '../activities/check-target.ts';
import { rebind } from '../activities/cleanup/rebind.ts';
import { findAccess } from '../activities/diagnose-target.ts';
import { requireConsent } from '../activities/grants/give-access.ts';
import { makePlanAccess } from '../activities/grants/plan-access.ts';
import { lookAtKeys } from '../activities/keys/change-keys.ts';
import { makeCheckKey, makeSignInFor } from '../activities/keys/check-key.ts';
import { registerGivenKey } from '../activities/keys/register-key.ts';
import { withdrawKeys } from '../activities/keys/withdraw-keys.ts';
import { makeLookAtTarget } from '../activities/look-at-target.ts';
import { makePlanSource } from '../activities/plan-source.ts';
import { requireUnused } from '../activities/remove-target.ts';
import { makeUndoRepair } from '../activities/repairs/undo-repair.ts';
import { makeRoutes, type RouteParts } from '../routes.ts';
import { makeUnknownRoute } from '../triggers/unknown-route.ts';
import type { World } from './world.ts';

/** The HTTP API, with the dashboard. */
export function registerHttp(world: World): void {
  const { auth } = world.config;
  const admit = makeAdmit(auth);
  const routes = makeRoutes(toRouteParts(world));
  for (const route of routes) register(route, [route.method]);
  register(makeUnknownRoute(routes), ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

  function register(route: Route, methods: HttpMethod[]): void {
    df.app.client.http(route.name, {
      methods,
      route: route.path,
      // With entra the platform lets everybody through to the app, which refuses them itself.
      authLevel: auth.mode === 'entra' || route.open === true ? 'anonymous' : 'function',
      handler: toHttpHandler(route, admit),
    });
  }
}

function toRouteParts(world: World): RouteParts {
  const { adapters, config, looking, giving, observeCa, observeKeys, now } = world;
  const { vaultNames, serviceNames } = world;
  const { arrivals, certificates, cleanups, history, ledger, pushed, vaults } = adapters;
  const { usageIndex: index, usageScanner: scanner, vaultWriter: writer } = adapters;
  const { consent, keyCare } = config;
  return {
    care: { vaults: vaultNames, services: serviceNames },
    ...{ ledger, history, vaults, keyCare, findStatus, now },
    planSource: makePlanSource({
      ...{ ...world.view, certificates, pushed, observeCa, observeKeys, scanner, now },
      check: makeCheckTarget(looking),
    }),
    checkAccess: (source, target) => findAccess(looking, { source, target }),
    ...keyParts(world),
    grants: {
      requireConsent: (source, target) => requireConsent({ consent }, { source, target }),
      plan: makePlanAccess(giving),
      takeBack: world.takeBack,
    },
    requestSync: (client, source, by) =>
      requestSync({ client, arrivals, now }, source, { fresh: true, by }),
    keyedRequests: adapters.keyedRequests,
    notifications: { messenger: world.messenger, places: config.notify.places },
    usage: { index, scanner, observe: makeObserveTarget({ certificates, pushed, observeCa }) },
    audits: { reports: adapters.auditReports, acknowledgements: adapters.acknowledgements },
    backups: { backups: adapters.backups, restores: adapters.restores },
    repairs: { repairs: adapters.repairs, undo: makeUndoRepair(world.repairing) },
    cleanups: {
      ...{ cleanups, vaults, writer, pushed, rules: consent },
      rebind: (cleanup, allowedBy) => rebind(ledger, cleanup, { allowedBy }),
    },
    takeService: (service) => world.hold.take(service),
    uploads: {
      ...{ rules: consent, services: serviceNames, vaultSuffix: config.cloud.vaultSuffix },
      ...{ ledger, history, vaults, writer, pushed, keyCare, index },
      read: readUpload,
      observe: makeLookAtTarget({
        ...{ certificates, pushed, observeCa, observeKeys, vaults, stores: adapters.caStores },
      }),
      requireUnused: (target, thumbprints, forced) =>
        requireUnused(scanner, target, thumbprints, forced),
      onSuspect: config.onSuspect,
    },
    ca: {
      ...{ stores: adapters.caStores, caLedger: adapters.caLedger, copies: adapters.caCopies },
      ...{ rules: consent, readCaFile: readCaUpload, downtime: config.caDowntime },
      requestUpdate: (client, service) =>
        requestCaUpdate({ client, arrivals: adapters.caArrivals, now }, service),
      newId: randomUUID,
    },
    clock: () => performance.now(),
    authMode: config.auth.mode,
  };
}

function keyParts(world: World): Pick<RouteParts, 'checkKey' | 'management'> {
  const { adapters, keyPorts, registering, changeKeys } = world;
  const { access, keySignIn, ownKeys, publicCertificates: certificates } = adapters;
  return {
    checkKey: makeCheckKey({
      ...keyPorts,
      ...{ certificates, writer: adapters.vaultWriter, access, keySignIn },
    }),
    management: {
      readCertificate: readPublicCertificate,
      register: (...registered) => registerGivenKey(registering, ...registered),
      withdraw: (source, target) => withdrawKeys(changeKeys, source, target),
      look: async (target) => ({
        entries: await lookAtKeys(keyPorts, target),
        notes: await ownKeys.read(target),
      }),
      certificates,
      renew: renewSelfSigned,
      signIn: makeSignInFor({ access, keySignIn }),
      pause: keyPorts.pause,
    },
  };
}
