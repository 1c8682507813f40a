import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import type {
  DurableExtension,
  DurableHttpResponse,
} from '../../../local/host/durable/extension.ts';
import { makeDurableExtension } from '../../../local/host/durable/index.ts';
import { isRecord, type JsonRecord } from '../../../local/host/durable/json.ts';
import { toFunctions, type KitFunctions } from '../../../local/host/test-kit/index.ts';

export interface DurableHostOptions extends KitFunctions {
  /** `extensions.durableTask` of host.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Opens the management API (default `secret`). */
  readonly systemKey?: string;
}

/** The durable part of a host: its management API, and the library's client that speaks to it. */
export interface DurableHost {
  /** The library's own client, over HTTP (durable-functions lib/src/durableClient/DurableClient.js). */
  readonly client: df.DurableClient;
  /** The client of a binding that names another task hub. */
  clientFor(taskHub: string): df.DurableClient;
  /** Asks the management API: `call('GET', 'instances/one')`. */
  call(method: string, address: string, request?: CallOptions): Promise<DurableHttpResponse>;
  /** Waits until an instance has a status; its status payload. */
  becomes(id: string, runtimeStatus: string): Promise<JsonRecord>;
  /** Waits until a condition holds that running work will bring about. */
  until(condition: () => boolean | Promise<boolean>): Promise<void>;
  /** Names of the activities that were called, in order. */
  readonly calls: readonly string[];
  readonly log: readonly string[];
  /** Sets the clock, which moves only as told. */
  setTime(time: string): void;
  advance(ms: number): void;
  /**
   * Drops the host, and what it is doing, and starts another one on its state: of the same app or of
   * a changed one.
   */
  restart(changed?: Partial<DurableHostOptions>): Promise<void>;
}

export interface CallOptions {
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it stands, in place of `body`, and without a type unless `headers` have one. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

/** A host on a state folder of its own, which is stopped after the test, whatever became of it. */
export async function makeDurableHost(options: DurableHostOptions): Promise<DurableHost> {
  const stateDir = mkdtempSync(path.join(tmpdir(), 'durable-host-'));
  const calls: string[] = [];
  const log: string[] = [];
  let now = Date.parse('2026-01-01T00:00:00Z');
  let app = options;
  let running: DurableExtension | undefined;
  const server = await listen(() => extension());
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;

  function extension(): DurableExtension {
    if (running === undefined) throw new Error('The host is not running.');
    return running;
  }

  async function open(): Promise<void> {
    running = makeDurableExtension({
      stateDir,
      settings: { hubName: 'Hub', ...app.settings },
      baseUrl: origin,
      systemKey: options.systemKey ?? 'secret',
      log: (level, message) => log.push(`${level}: ${message}`),
      now: () => now,
    });
    for (const fn of toFunctions(app, ({ name }) => calls.push(name))) running.register(fn);
    await running.start();
  }

  stops.push(async () => {
    await running?.stop(10_000);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(stateDir, { recursive: true, force: true });
  });
  await open();
  const host: DurableHost = {
    client: makeClient(extension()),
    clientFor: (taskHub) => makeClient(extension(), { taskHub }),
    calls,
    log,
    call: (method, address, { body, text, headers } = {}) =>
      extension().handleHttp({
        method,
        url: new URL(`${origin}/runtime/webhooks/durabletask/${address}`),
        headers: { ...(text === undefined && { 'content-type': 'application/json' }), ...headers },
        body: Buffer.from(text ?? (body === undefined ? '' : JSON.stringify(body))),
      }),
    async becomes(id, runtimeStatus) {
      let payload: unknown;
      await host.until(async () => {
        payload = (await host.call('GET', `instances/${id}`)).body;
        return isRecord(payload) && payload['runtimeStatus'] === runtimeStatus;
      });
      return isRecord(payload) ? payload : {};
    },
    async until(condition) {
      while (!(await condition())) await new Promise((resolve) => setImmediate(resolve));
    },
    setTime: (time) => (now = Date.parse(time)),
    advance: (ms) => (now += ms),
    async restart(changed = {}) {
      await extension().stop(0);
      app = { ...app, ...changed };
      await open();
    },
  };
  return host;
}

async function listen(extension: () => DurableExtension): Promise<Server> {
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await extension().handleHttp({
        method: request.method ?? 'GET',
        url: new URL(request.url ?? '/', `http://${request.headers.host ?? ''}`),
        // None that the API reads is ever a list.
        headers: request.headers as Record<string, string>,
        body: await buffer(request),
      });
      response.writeHead(answer.status, {
        ...answer.headers,
        ...(answer.body !== undefined && { 'content-type': 'application/json' }),
      });
      response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function makeClient(
  extension: DurableExtension,
  binding: { readonly taskHub?: string } = {},
): df.DurableClient {
  // Without it the library assumes localhost:7071 (lib/src/durableClient/getClient.js).
  process.env['WEBSITE_HOSTNAME'] ??= '127.0.0.1';
  const input = df.input.durableClient();
  const context = new InvocationContext({
    functionName: 'client',
    invocationId: 'x',
    options: { trigger: { type: 'x', name: 'x' }, extraInputs: [input], extraOutputs: [] },
    logHandler: () => undefined,
  });
  context.extraInputs.set(input, extension.clientBinding(binding));
  return df.getClient(context);
}
