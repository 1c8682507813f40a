/** A simulated Azure of its own, on a free port, with a throw-away service; gone with the run. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  createDefaultHttpClient,
  createHttpHeaders,
  createPipelineRequest,
  type HttpClient,
} from '@azure/core-rest-pipeline';
import { startAzure, TENANT_ID } from '../azure/index.ts';
import { errorText } from '../azure/core/error-text.ts';
import { UsageError } from '../console/options.ts';
import { makeAzureWire, type AzureWire } from '../seed/azure-wire.ts';
import type { Place, Subject } from './place.ts';

export interface LocalPlace extends Place, AsyncDisposable {
  readonly subject: Subject;
  readonly azure: AzureWire;
}

const SUBJECT: Subject = {
  subscriptionId: '5eed0000-0000-4000-8000-000000000001',
  resourceGroup: 'rg-throwaway',
  service: 'throwaway-gw',
};
/** Long enough to be met under way; it passes as soon as a run waits for it. */
const OPERATION_SECONDS = 60;

/**
 * @param settings of the simulated Azure, e.g. `assumptions.refreshAnswer`
 * Thrown when a setting is unknown or its value does not fit: UsageError naming what would.
 */
export async function startLocalPlace(
  settings: Readonly<Record<string, unknown>>,
): Promise<LocalPlace> {
  await using undo = new AsyncDisposableStack();
  const stateDir = await mkdtemp(path.join(tmpdir(), 'certkeeper-verify-'));
  undo.defer(() => rm(stateDir, { recursive: true, force: true }));
  const running = await startAzure({ port: 0, stateDir });
  undo.defer(() => running.stop());
  const azure = makeAzureWire(running.url);
  await azure.control('PUT', 'settings', settings).catch((error: unknown) => {
    throw new UsageError(`--set: ${errorText(error)}`, { cause: error });
  });
  await seed(azure);
  let offsetMs = 0;
  const end = undo.move();
  return {
    name: 'local',
    subject: SUBJECT,
    azure,
    httpClient: leadTo(running.url),
    // Whoever has no token of the simulated Azure's own is its operator.
    credential: {
      getToken: () => Promise.resolve({ token: 'operator', expiresOnTimestamp: Infinity }),
    },
    // Operators are people without an object id in that world.
    whoAsks: () => Promise.resolve({ tenantId: TENANT_ID, objectId: randomUUID() }),
    now: () => new Date(Date.now() + offsetMs),
    async passTime(seconds, signal) {
      signal.throwIfAborted();
      await azure.control('POST', 'clock', { advance: seconds });
      offsetMs += seconds * 1000;
    },
    async consent(servicePrincipalId) {
      await azure.control('PUT', `graph/permissions/${servicePrincipalId}`, {
        permissions: ['Application.ReadWrite.OwnedBy'],
      });
    },
    [Symbol.asyncDispose]: () => end.disposeAsync(),
  };
}

async function seed(azure: AzureWire): Promise<void> {
  const { subscriptionId, resourceGroup, service } = SUBJECT;
  await azure.control('PUT', `subscriptions/${subscriptionId}`, { displayName: 'Throw-away' });
  const group = `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
  await azure.ask('PUT', `management.azure.com${group}?api-version=2021-04-01`, {
    body: { location: 'westeurope' },
  });
  await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': 0 });
  await azure.putResource(
    `${group}/providers/Microsoft.ApiManagement/service/${service}`,
    '2024-05-01',
    {
      location: 'West Europe',
      sku: { name: 'Developer', capacity: 1 },
      identity: { type: 'SystemAssigned' },
      properties: { publisherEmail: 'nobody@example.com', publisherName: 'Nobody' },
    },
  );
  await azure.control('PUT', 'settings', { 'apiManagement.operationSeconds': OPERATION_SECONDS });
}

/** A copy of each request travels to this machine; the request keeps its real address. */
function leadTo(base: string): HttpClient {
  const inner = createDefaultHttpClient();
  return {
    async sendRequest(request) {
      const { host, pathname, search } = new URL(request.url);
      const copy = createPipelineRequest({
        ...request,
        url: `${base}/${host}${pathname}${search}`,
        headers: createHttpHeaders(request.headers.toJSON()),
        allowInsecureConnection: true,
      });
      return { ...(await inner.sendRequest(copy)), request };
    },
  };
}
