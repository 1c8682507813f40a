/** An engine behind the management API; importing this gives one to each test of the file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type {
  DurableExtension,
  DurableHttpResponse,
} from '../../../local/host/durable/extension.ts';
import { makeDurableExtension } from '../../../local/host/durable/index.ts';
import { isRecord } from '../../../local/host/durable/json.ts';
import { toFunctions } from '../../../local/host/test-kit/index.ts';

export const origin = 'http://127.0.0.1:7071';
let stateDir: string;
let extension: DurableExtension;
let now: number;

beforeEach(async () => {
  stateDir = mkdtempSync(path.join(tmpdir(), 'management-api-'));
  now = Date.parse('2026-01-01T00:00:00Z');
  extension = makeDurableExtension({
    stateDir,
    settings: { hubName: 'Hub' },
    baseUrl: origin,
    systemKey: 'secret',
    log: () => undefined,
    now: () => now,
  });
  const functions = toFunctions({
    orchestrators: {
      *Echo(context) {
        context.df.setCustomStatus({ on: 'it' });
        yield context.df.callActivity('Work', 'x');
        return { echo: context.df.getInput<unknown>() };
      },
      *Wait(context) {
        return { got: (yield context.df.waitForExternalEvent('go')) as unknown };
      },
      // eslint-disable-next-line require-yield -- it ends before it asks for anything
      *Fail() {
        throw new Error('no luck');
      },
    },
    activities: { Work: () => 'worked' },
  });
  for (const fn of functions) extension.register(fn);
  await extension.start();
});

afterEach(async () => {
  await extension.stop(1_000);
  rmSync(stateDir, { recursive: true, force: true });
});

/** Asks the API; the address is what follows its path. */
export function call(
  method: string,
  address: string,
  options: { body?: string; headers?: Record<string, string> } = {},
): Promise<DurableHttpResponse> {
  return extension.handleHttp({
    method,
    url: new URL(`${origin}/runtime/webhooks/durabletask/${address}`),
    headers: options.headers ?? { 'content-type': 'application/json' },
    body: Buffer.from(options.body ?? ''),
  });
}

/** Starts an orchestration and waits for its end. */
export async function run(name: string, id: string, body = ''): Promise<DurableHttpResponse> {
  return call('POST', `orchestrators/${name}/${id}?timeout=10&pollingInterval=1`, { body });
}

/** Waits until an instance has a status. */
export async function becomes(id: string, runtimeStatus: string): Promise<DurableHttpResponse> {
  for (;;) {
    const response = await call('GET', `instances/${id}`);
    if (isRecord(response.body) && response.body['runtimeStatus'] === runtimeStatus)
      return response;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Of the instances of an answer. */
export function ids(response: DurableHttpResponse): unknown[] {
  if (!Array.isArray(response.body)) throw new Error('The answer is no list.');
  return response.body.map((one: unknown) => (isRecord(one) ? one['instanceId'] : one));
}

/** Moves the clock, which moves by nothing else. */
export function advance(ms: number): void {
  now += ms;
}
