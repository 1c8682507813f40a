import type { HostedFunction } from '../function-index.ts';
import { hostVersion } from '../worker/core-module.ts';
import { jsonAnswer, textAnswer } from './answer.ts';
import type { HttpAnswer } from './http-data.ts';
import type { OutsideRequest } from './outside-request.ts';

export interface AdminOptions {
  readonly baseUrl: string;
  readonly hostId: string;
  readonly functions: readonly HostedFunction[];
  /** `/api/…` of an HTTP function. */
  readonly routeOf: (fn: HostedFunction) => string | undefined;
  /** Starts a function that has no HTTP trigger and does not wait for it. */
  readonly run: (fn: HostedFunction, input: unknown) => void;
}

/**
 * Makes the part of Azure's administration address that is of use on one machine: the host's
 * state, its functions, and `POST /admin/functions/{name}` with `{"input": …}`, which runs a
 * function now (https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http).
 * The caller has shown the master key.
 */
export function makeAdmin(options: AdminOptions) {
  const { baseUrl, functions, hostId } = options;

  function describe(fn: HostedFunction): Readonly<Record<string, unknown>> {
    const route = options.routeOf(fn);
    return {
      name: fn.name,
      href: `${baseUrl}/admin/functions/${fn.name}`,
      invoke_url_template: route === undefined ? null : `${baseUrl}${route}`,
      language: 'node',
      isDisabled: fn.disabled,
      config: {
        bindings: Object.entries(fn.registered.bindings).map(([name, b]) => ({ ...b, name })),
      },
    };
  }

  function runFunction(fn: HostedFunction, body: Buffer): HttpAnswer {
    if (fn.kind === 'httpTrigger') {
      return textAnswer(400, `${fn.name} has an HTTP trigger: call ${options.routeOf(fn) ?? ''}.`);
    }
    if (fn.kind === 'orchestrationTrigger' || fn.kind === 'entityTrigger') {
      return textAnswer(400, `${fn.name} is run by the durable extension only.`);
    }
    if (fn.disabled) return textAnswer(404, `The function ${fn.name} is disabled.`);
    const input = readInput(body);
    if (input === undefined) return textAnswer(400, 'The body must be JSON: {"input": …}.');
    options.run(fn, input.value);
    return textAnswer(202);
  }

  return (request: OutsideRequest, body: Buffer): HttpAnswer => {
    const path = request.url.pathname.replace(/\/$/, '').toLowerCase();
    if (path === '/admin/host/status' && request.method === 'GET') {
      return jsonAnswer(200, {
        id: hostId,
        state: 'Running',
        version: hostVersion,
        processUptime: Math.round(process.uptime() * 1000),
      });
    }
    if (path === '/admin/functions' && request.method === 'GET') {
      return jsonAnswer(200, functions.map(describe));
    }
    const name = /^\/admin\/functions\/([^/]+)$/.exec(path)?.[1];
    const fn = functions.find((known) => known.name.toLowerCase() === name);
    if (fn === undefined) return textAnswer(404, 'There is nothing here.');
    if (request.method === 'GET') return jsonAnswer(200, describe(fn));
    if (request.method === 'POST') return runFunction(fn, body);
    return textAnswer(405, '', { allow: 'GET, POST' });
  };
}

/** Azure takes the input as text; anything else is handed on as it is. */
function readInput(body: Buffer): { value: unknown } | undefined {
  if (body.length === 0) return { value: undefined };
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return { value: Reflect.get(parsed, 'input') };
  } catch {
    return undefined;
  }
}
