/** A simulated Azure on this machine: one server, one state folder. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeClassic } from './classic/index.ts';
import { makeClock } from './core/clock.ts';
import { makeCoreControlRoutes } from './core/control.ts';
import { makeFaults } from './core/faults.ts';
import { makeRequestLog } from './core/request-log.ts';
import { listen } from './core/server.ts';
import { makeSettings } from './core/settings.ts';
import { readStateKey } from './core/state-key.ts';
import { openStore } from './core/store.ts';
import { makeTokens } from './core/tokens.ts';
import { makeEventGrid } from './event-grid/index.ts';
import { makeGraph } from './graph/index.ts';
import { makeManagedIdentityEndpoint } from './identity/managed-identity.ts';
import { makeKeyVault } from './key-vault/index.ts';
import { makeLogin } from './login/index.ts';
import { makeResourceManager } from './resource-manager/index.ts';
import { hasSubscriptions } from './resource-manager/subscriptions.ts';
import type { AccessDecider, World } from './service.ts';

/** The one tenant of this world. */
export const TENANT_ID = '5eed0000-0000-4000-8000-00000000000a';

export interface RunningAzure {
  /** `http://127.0.0.1:7072`, without trailing slash. */
  readonly url: string;
  /** The secret of the token endpoint `{url}/msi/token` (the app's `IDENTITY_HEADER`). */
  readonly identityHeader: string;
  /** Answers no more requests, frees the port and closes the state. */
  stop(): Promise<void>;
}

/**
 * Starts the simulated Azure on 127.0.0.1. What it knows is kept in `stateDir` and is there again
 * at the next start; key material in it is encrypted under `azure.key` beside it.
 *
 * Thrown when the port is taken (`code` EADDRINUSE), or when another process has the state open.
 */
export async function startAzure(options: {
  /** 0 takes a free one. */
  port: number;
  stateDir: string;
  /** Takes one line at a time; none of them holds a secret. */
  log?: (line: string) => void;
}): Promise<RunningAzure> {
  const log = options.log ?? (() => undefined);
  const server = await listen(options.port);
  try {
    mkdirSync(options.stateDir, { recursive: true });
    const store = openStore(join(options.stateDir, 'azure.sqlite'));
    const key = readStateKey(join(options.stateDir, 'azure.key'));
    const clock = makeClock(store, log);
    const settings = makeSettings(store);
    const requestLog = makeRequestLog();
    const faults = makeFaults();
    const tokens = makeTokens(key.derive('access tokens'));
    const identityHeader = key.derive('identity header').toString('hex');
    const world: World = {
      clock,
      store,
      settings,
      baseUrl: server.url,
      tenantId: TENANT_ID,
      seal: key.seal,
      unseal: key.unseal,
      log,
    };
    // Key Vault asks Resource Manager who may enter; API Management, there, reads the vaults.
    const access: AccessDecider = {
      vault: (name) => resourceManager.access.vault(name),
      allows: (...question) => resourceManager.access.allows(...question),
    };
    const eventGrid = makeEventGrid(world, (name) => access.vault(name) !== undefined);
    const keyVault = makeKeyVault(world, access, eventGrid.sink);
    const resourceManager = makeResourceManager(world, {
      vaultReader: keyVault.vaultReader,
      armProviders: { 'microsoft.eventgrid': eventGrid.armProvider },
      events: eventGrid.sink,
      vaultDeleted: (id) => eventGrid.unsubscribe(id),
      vaultPurged: (name) => keyVault.forget(name),
    });
    keyVault.resume();
    eventGrid.resume();
    const { principals } = resourceManager;
    const graph = makeGraph(world, principals);
    const { applications } = graph;
    const login = makeLogin({ world, tokens, applications, principals });
    const classic = makeClassic(world);
    const managedIdentity = makeManagedIdentityEndpoint({
      tokens,
      identities: resourceManager.identities,
      store,
      tenantId: world.tenantId,
      identityHeader,
    });
    server.serve({
      services: [
        ...resourceManager.services,
        keyVault.service,
        eventGrid.service,
        graph.service,
        login,
        classic.service,
        managedIdentity.service,
      ],
      controlRoutes: [
        ...makeCoreControlRoutes({
          ...{ clock, requestLog, faults, settings },
          isEmpty: () => !hasSubscriptions(store),
        }),
        ...resourceManager.controlRoutes,
        ...eventGrid.controlRoutes,
        ...managedIdentity.controlRoutes,
        ...graph.controlRoutes,
        ...classic.controlRoutes,
      ],
      faults,
      requestLog,
      tokens,
      clock,
      log,
    });
    return {
      url: server.url,
      identityHeader,
      async stop() {
        await server.stop();
        await eventGrid.stop();
        clock.stop();
        store.close();
      },
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
