/** Microsoft Graph without a server, over the world of {@link makeArmWorld}. */
import { makeGraph, type Graph } from '../../../local/azure/graph/index.ts';
import type { AzureRequest, AzureService, Principal } from '../../../local/azure/service.ts';
import { makeArmWorld, type ArmWorld } from './arm-world.ts';
import { makeTestCertificate, type TestCertificate, type TestValidity } from './make-pfx.ts';

export interface GraphAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** The body, read with a path of names and indexes; undefined where there is nothing. */
  at(...path: (string | number)[]): unknown;
}

export interface GraphWorld {
  readonly arm: ArmWorld;
  readonly graph: Graph;
  put(settings: Readonly<Record<string, unknown>>): void;
  /** @param path below `/v1.0`, with its query */
  ask(
    method: string,
    path: string,
    body?: unknown,
    as?: Principal | 'nobody',
  ): Promise<GraphAnswer>;
  control(method: string, path: string, body?: unknown): Promise<GraphAnswer>;
  restarted(): GraphWorld;
  close(): void;
}

export function makeGraphWorld(): GraphWorld {
  return over(makeArmWorld());
}

function over(arm: ArmWorld): GraphWorld {
  const graph = makeGraph(arm.world, arm.resourceManager.principals);
  return {
    arm,
    graph,
    put: (values) => arm.put(values),
    ask: (method, path, body, as) =>
      askService(graph.service, 'graph.microsoft.com', method, `/v1.0${path}`, {
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        ...(as === undefined ? {} : { as }),
      }),
    async control(method, path, body) {
      const url = path.split('/').filter((part) => part !== '');
      for (const route of graph.controlRoutes) {
        const parts = route.path.split('/').filter((part) => part !== '');
        if (route.method !== method || parts.length !== url.length) continue;
        const parameters = Object.fromEntries(
          parts.flatMap((part, at) =>
            part.startsWith('{') ? [[part.slice(1, -1), url[at] ?? '']] : [],
          ),
        );
        const request = toRequest('_local', method, path, {
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        });
        return toAnswer(await route.handle(request, parameters));
      }
      throw new Error(`There is no control route ${method} ${path}`);
    },
    restarted: () => over(arm.restarted()),
    close: () => arm.close(),
  };
}

export interface ServiceAsk {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: Principal | 'nobody';
}

/** Hands a request to a service as its host would have received it. */
export async function askService(
  service: AzureService,
  host: string,
  method: string,
  path: string,
  options: ServiceAsk = {},
): Promise<GraphAnswer & { readonly text: string | undefined }> {
  const response = await service.handle(toRequest(host, method, path, options));
  return { ...toAnswer(response), text: response.text };
}

function toAnswer({
  status,
  headers = {},
  body,
}: {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}): GraphAnswer {
  // Over the wire and back, so that nothing is seen which JSON would not carry.
  const seen: unknown = body === undefined ? undefined : JSON.parse(JSON.stringify(body));
  const step = (value: unknown, name: string | number): unknown =>
    typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return { status, headers, body: seen, at: (...path) => path.reduce(step, seen) };
}

function toRequest(host: string, method: string, path: string, ask: ServiceAsk): AzureRequest {
  const [bare = '', inline = ''] = path.split('?');
  const query = new Map(
    [...new URLSearchParams(inline)].map(([name, value]) => [name.toLowerCase(), value]),
  );
  const body = Buffer.from(ask.body ?? '');
  return {
    method,
    host,
    path: bare,
    segments: bare
      .split('/')
      .filter((part) => part !== '')
      .map(decodeURIComponent),
    query: (name) => query.get(name.toLowerCase()),
    headers: ask.headers ?? {},
    body,
    json() {
      const parsed: unknown = JSON.parse(body.toString('utf8'));
      if (typeof parsed !== 'object' || parsed === null) throw new Error('not an object');
      return { ...parsed };
    },
    principal: ask.as === 'nobody' ? undefined : (ask.as ?? { kind: 'operator' }),
    localBase: `http://127.0.0.1:7072/${host}`,
  };
}

/** A certificate that an application can register and sign with: RSA, as Entra asks for. */
export function makeClientCertificate(
  subject = 'CN=automation',
  validity?: TestValidity,
): Promise<TestCertificate> {
  return makeTestCertificate(subject, { kty: 'RSA', keySize: 2048 }, validity);
}

/** A new entry of `keyCredentials`, with nothing in it that may be left out. */
export function toKeyCredential(
  certificate: Pick<TestCertificate, 'der'>,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: certificate.der.toString('base64'),
    ...more,
  };
}
