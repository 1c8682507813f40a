/** The HTTP server in front of every simulated service. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import {
  AzureFault,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type Clock,
  type ControlRoute,
  type Principal,
} from '../service.ts';
import { answerControl } from './control-routes.ts';
import { errorStack } from './error-text.ts';
import { decodeAddress, readBody, toAzureRequest, type Address } from './decode-request.ts';
import type { Fault, Faults } from './faults.ts';
import { foreignCaller } from './loopback.ts';
import type { RequestLog } from './request-log.ts';
import type { Tokens } from './tokens.ts';

/** The address part that belongs to nobody in Azure: control of this world. */
const CONTROL_HOST = '_local';

export interface ServerParts {
  readonly services: readonly AzureService[];
  readonly controlRoutes: readonly ControlRoute[];
  readonly faults: Faults;
  readonly requestLog: RequestLog;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** A listening server that answers 503 until it is given its parts. */
export interface RunningServer {
  readonly url: string;
  serve(parts: ServerParts): void;
  stop(): Promise<void>;
}

/** Longer than clients keep theirs: none sends into a connection that is just being closed. */
const IDLE_CONNECTION_MS = 75_000;

/**
 * Listens on 127.0.0.1.
 *
 * Thrown when the port is taken: the platform's error, `code` EADDRINUSE.
 */
export async function listen(port: number): Promise<RunningServer> {
  let parts: ServerParts | undefined;
  let url = '';
  const server = createServer((message, response) => {
    if (parts === undefined) {
      response.writeHead(503).end();
      return;
    }
    const { log } = parts;
    void answer(message, response, parts, url).catch((error: unknown) => {
      log(`A request could not be answered: ${String(error)}`);
      response.destroy();
    });
  });
  server.keepAliveTimeout = IDLE_CONNECTION_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No TCP address');
  url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    serve(given) {
      parts = given;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  parts: ServerParts,
  baseUrl: string,
): Promise<void> {
  const started = performance.now();
  let address: Address | undefined;
  let principal: Principal | undefined;
  let outcome: AzureResponse | 'dropped';
  try {
    const foreign = foreignCaller(message.headers);
    if (foreign !== undefined) throw new AzureFault(403, 'LoopbackOnly', foreign);
    address = decodeAddress(message.url ?? '/');
    principal = parts.tokens.read(message.headers.authorization);
    const body = await readBody(message);
    const request = toAzureRequest(message, address, body, principal, baseUrl);
    outcome =
      address.host === CONTROL_HOST
        ? await answerControl(parts.controlRoutes, request)
        : await underFaults(parts, request);
  } catch (error) {
    if (!(error instanceof AzureFault)) {
      // A client that hung up in the middle of its body is nobody's fault here.
      if (message.destroyed && !message.complete) return;
      parts.log(`${message.method ?? ''} ${address?.path ?? ''} failed: ${errorStack(error)}`);
    }
    outcome = toErrorResponse(error);
  }
  if (outcome === 'dropped') message.socket.destroy();
  else send(response, message.method, outcome, parts.clock);
  if (address === undefined || address.host === CONTROL_HOST) return;
  parts.requestLog.add({
    time: parts.clock.now().toISOString(),
    method: (message.method ?? 'GET').toUpperCase(),
    host: address.host,
    path: address.path,
    query: address.rawQuery,
    status: outcome === 'dropped' ? 0 : outcome.status,
    ms: Math.round((performance.now() - started) * 100) / 100,
    principal: principal?.kind ?? 'none',
    ...(principal?.kind === 'identity' && { clientId: principal.clientId }),
  });
}

async function underFaults(
  parts: ServerParts,
  request: AzureRequest,
): Promise<AzureResponse | 'dropped'> {
  const fault = parts.faults.strike({
    method: request.method,
    host: request.host,
    path: request.path,
  });
  if (fault?.delayMs !== undefined) await wait(fault.delayMs);
  if (fault?.drop === true) return 'dropped';
  if (fault?.answer !== undefined) return toFaultResponse(fault.answer);
  const service = parts.services.find((candidate) => candidate.owns(request.host));
  if (service === undefined) {
    throw new AzureFault(
      404,
      'HostNotFound',
      `No simulated Azure service has the host '${request.host}'. ` +
        `Addresses are /{azure host}/{path}; services: ` +
        `${parts.services.map(({ name }) => name).join(', ')}; control: /${CONTROL_HOST}`,
    );
  }
  return service.handle(request);
}

function toFaultResponse(answer: NonNullable<Fault['answer']>): AzureResponse {
  const code = answer.code ?? (answer.status >= 400 ? 'SimulatedFault' : undefined);
  const body =
    answer.body ??
    (code === undefined
      ? undefined
      : { error: { code, message: answer.message ?? 'Answered by a fault that was asked for.' } });
  return { status: answer.status, headers: answer.headers ?? {}, body };
}

function toErrorResponse(error: unknown): AzureResponse {
  if (!(error instanceof AzureFault)) {
    return {
      status: 500,
      body: {
        error: { code: 'InternalServerError', message: 'The simulated Azure failed; see its log.' },
      },
    };
  }
  return {
    status: error.status,
    headers: error.headers,
    body: {
      error: {
        code: error.code,
        message: error.message,
        ...(error.details !== undefined && { details: error.details }),
        ...(error.innerError !== undefined && { innererror: error.innerError }),
      },
    },
  };
}

function send(
  response: ServerResponse,
  method: string | undefined,
  { status, headers, body, text: plain }: AzureResponse,
  clock: Clock,
): void {
  const sent = plain ?? (body === undefined ? undefined : JSON.stringify(body));
  const text = sent === undefined ? undefined : Buffer.from(sent);
  response.writeHead(status, {
    date: clock.now().toUTCString(),
    'x-ms-request-id': randomUUID(),
    ...(text !== undefined && { 'content-type': 'application/json; charset=utf-8' }),
    // A status without a body must not announce one.
    ...(status !== 204 && status !== 304 && { 'content-length': String(text?.length ?? 0) }),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : text);
}
