/**
 * Resource Manager without a server: a world in memory, vaults whose answers a test gives, and
 * requests handed over directly.
 */
import { randomBytes } from 'node:crypto';
import { makeClock } from '../../../local/azure/core/clock.ts';
import { makeSettings } from '../../../local/azure/core/settings.ts';
import { openStore } from '../../../local/azure/core/store.ts';
import {
  makeResourceManager,
  type ResourceManager,
} from '../../../local/azure/resource-manager/index.ts';
import { AzureFault } from '../../../local/azure/service.ts';
import type {
  AzureRequest,
  AzureResponse,
  Principal,
  Store,
  VaultReader,
  World,
} from '../../../local/azure/service.ts';

export const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
export const TENANT = '5eed0000-0000-4000-8000-00000000000a';
export const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;

export type SecretAnswer = Awaited<ReturnType<VaultReader['readSecret']>>;
type ReadingIdentity = Parameters<VaultReader['readSecret']>[1];

export interface Ask {
  readonly version?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: Principal | 'nobody';
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, read with a path of names and indexes; undefined where there is nothing. */
  at(...path: (string | number)[]): unknown;
  readonly body: unknown;
}

export interface ArmWorld {
  readonly world: World;
  readonly resourceManager: ResourceManager;
  readonly advance: (seconds: number) => void;
  /** What vaults answer, by secret identifier; missing ones are 404. */
  readonly secrets: Map<string, SecretAnswer>;
  /** Who read which secret, in order. */
  readonly reads: { readonly identifier: string; readonly as: ReadingIdentity }[];
  readonly purged: string[];
  readonly events: string[];
  put(settings: Readonly<Record<string, unknown>>): void;
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
  control(method: string, path: string, body?: unknown): Promise<Answer>;
  /** The same state, as a new process would find it. */
  restarted(): ArmWorld;
  close(): void;
}

/** Default api-versions, so that a test names one only when it is about versions. */
const VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/providers\/Microsoft\.Authorization\//i, '2022-04-01'],
  [/\/providers\/Microsoft\.ManagedIdentity\//i, '2023-01-31'],
  [/\/providers\/Microsoft\.KeyVault\//i, '2023-07-01'],
  [/\/providers\/Microsoft\.ApiManagement\//i, '2024-05-01'],
];

export function makeArmWorld(): ArmWorld {
  return over(openStore(':memory:'));
}

function over(store: Store & { close(): void }): ArmWorld {
  const clock = makeClock(store, () => undefined);
  const settings = makeSettings(store);
  const key = randomBytes(8).toString('hex');
  const world: World = {
    clock,
    store,
    settings,
    seal: (plain) => `${key}${plain.toString('base64')}`,
    unseal: (sealed) => Buffer.from(sealed.slice(key.length), 'base64'),
    log: () => undefined,
    baseUrl: 'http://127.0.0.1:7072',
    tenantId: TENANT,
  };
  const secrets: ArmWorld['secrets'] = new Map();
  const reads: ArmWorld['reads'] = [];
  const purged: string[] = [];
  const events: string[] = [];
  const resourceManager = makeResourceManager(world, {
    vaultReader: {
      readSecret(identifier, as) {
        reads.push({ identifier, as });
        return Promise.resolve(
          secrets.get(identifier) ?? {
            kind: 'refused',
            status: 404,
            code: 'SecretNotFound',
            message: `A secret with (name/id) ${identifier} was not found in this key vault.`,
          },
        );
      },
    },
    armProviders: {
      'microsoft.example': (request) =>
        Promise.resolve({ status: 200, body: { seen: request.path } }),
    },
    vaultPurged: (name) => purged.push(name),
    events: { publish: ({ subject, eventType }) => events.push(`${eventType} ${subject}`) },
  });
  const arm = resourceManager.services[0];
  if (arm === undefined) throw new Error('There is no Resource Manager');

  return {
    world,
    resourceManager,
    secrets,
    reads,
    purged,
    events,
    advance: (seconds) => clock.advance(seconds),
    put: (values) => settings.put(values),
    ask: (method, path, options = {}) =>
      answerOf(() => arm.handle(toRequest(method, path, options))),
    control(method, path, body) {
      const url = path.split('/').filter((part) => part !== '');
      for (const route of resourceManager.controlRoutes) {
        const parts = route.path.split('/').filter((part) => part !== '');
        if (route.method !== method || parts.length !== url.length) continue;
        const fits = parts.every((part, at) => part.startsWith('{') || part === url[at]);
        if (!fits) continue;
        const parameters = Object.fromEntries(
          parts.flatMap((part, at) =>
            part.startsWith('{') ? [[part.slice(1, -1), url[at] ?? '']] : [],
          ),
        );
        const request = toRequest(method, path, { body, version: 'none' });
        return answerOf(() => Promise.resolve(route.handle(request, parameters)));
      }
      throw new Error(`There is no control route ${method} ${path}`);
    },
    restarted() {
      clock.stop();
      return over(store);
    },
    close() {
      clock.stop();
      store.close();
    },
  };
}

/** A world with the subscription and the resource group of the seeded fleet. */
export async function makeFleetWorld(): Promise<ArmWorld> {
  const world = makeArmWorld();
  await world.control('PUT', `/subscriptions/${SUBSCRIPTION}`, { displayName: 'Contoso' });
  await world.ask('PUT', GROUP, { body: { location: 'West Europe' } });
  return world;
}

async function answerOf(run: () => Promise<AzureResponse>): Promise<Answer> {
  let response: AzureResponse;
  try {
    response = await run();
  } catch (error) {
    if (!(error instanceof AzureFault)) throw error;
    const { code, message, details } = error;
    response = {
      status: error.status,
      headers: error.headers,
      body: { error: { code, message, details } },
    };
  }
  // Over the wire and back, so that nothing is seen which JSON would not carry.
  const text = response.body === undefined ? undefined : JSON.stringify(response.body);
  const body: unknown = text === undefined ? undefined : JSON.parse(text);
  return {
    status: response.status,
    headers: response.headers ?? {},
    body,
    at: (...path) => path.reduce((value, name) => step(value, name), body),
  };
}

function step(value: unknown, name: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function toRequest(method: string, path: string, options: Ask): AzureRequest {
  const [bare = '', inline = ''] = path.split('?');
  const version =
    options.version ?? VERSIONS.find(([type]) => type.test(bare))?.[1] ?? '2021-04-01';
  const query = new Map(
    [...new URLSearchParams(inline)].map(([name, value]) => [name.toLowerCase(), value]),
  );
  for (const [name, value] of Object.entries(options.query ?? {}))
    query.set(name.toLowerCase(), value);
  if (version !== 'none' && !query.has('api-version')) query.set('api-version', version);
  const body = Buffer.from(options.body === undefined ? '' : JSON.stringify(options.body));
  return {
    method,
    host: 'management.azure.com',
    path: bare,
    segments: bare
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
    query: (name) => query.get(name.toLowerCase()),
    headers: options.headers ?? {},
    body,
    json: () => {
      const parsed: unknown = JSON.parse(body.toString('utf8'));
      if (typeof parsed !== 'object' || parsed === null) throw new Error('not an object');
      return { ...parsed };
    },
    principal: options.as === 'nobody' ? undefined : (options.as ?? { kind: 'operator' }),
    localBase: 'http://127.0.0.1:7072/management.azure.com',
  };
}
