import type { HostedFunction } from '../function-index.ts';
import { hostVersion } from '../worker/core-api.ts';
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
 * function now (https://learn.microsoft.com/azure/azure-functions/functions-manually-run-non-http;
 * HostController.cs and FunctionsController.cs of azure-functions-host). Keys are in keys-api.ts.
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

  function hostStatus(): HttpAnswer {
    return jsonAnswer(200, {
      id: hostId,
      state: 'Running',
      version: hostVersion,
      versionDetails: `${hostVersion} on Node.js ${process.versions.node}, for one machine`,
      processUptime: Math.round(process.uptime() * 1000),
    });
  }

  function runFunction(fn: HostedFunction, request: OutsideRequest, body: Buffer): HttpAnswer {
    if (fn.disabled) {
      const text = `The function ${fn.name} is disabled by AzureWebJobs.${fn.name}.Disabled.`;
      return textAnswer(404, text);
    }
    if (fn.kind === 'httpTrigger') {
      return textAnswer(400, `${fn.name} has an HTTP trigger: call ${options.routeOf(fn) ?? ''}.`);
    }
    if (fn.kind === 'orchestrationTrigger' || fn.kind === 'entityTrigger') {
      return textAnswer(400, `${fn.name} is run by the durable extension only.`);
    }
    if (!/\bjson\b/i.test(request.headers['content-type'] ?? '')) {
      return textAnswer(415, 'The body must come as content-type: application/json.');
    }
    const input = readInput(body);
    if (input === undefined) {
      return textAnswer(400, 'The body must be JSON: {"input": …} or {}.');
    }
    options.run(fn, input.value);
    return textAnswer(202);
  }

  return (request: OutsideRequest, body: Buffer): HttpAnswer => {
    const path = request.url.pathname.replace(/\/$/, '').toLowerCase();
    const isGet = request.method === 'GET';
    if (path === '/admin/host/status' && isGet) return hostStatus();
    if (path === '/admin/functions' && isGet) return jsonAnswer(200, functions.map(describe));

    const [, name, part] = /^\/admin\/functions\/([^/]+)(\/status)?$/.exec(path) ?? [];
    const fn = functions.find((known) => known.name.toLowerCase() === name);
    if (fn === undefined) return textAnswer(404, 'There is nothing here.');
    // It would hold the errors of a function that did not load; here such an app does not start.
    if (part !== undefined && isGet) return jsonAnswer(200, {});
    if (part === undefined && isGet) return jsonAnswer(200, describe(fn));
    if (part === undefined && request.method === 'POST') return runFunction(fn, request, body);
    return textAnswer(405, '', { allow: part === undefined ? 'GET, POST' : 'GET' });
  };
}

/** `/admin/host/ping`, which anybody may ask and nobody may keep. */
export function answerPing(method: string): HttpAnswer {
  return method === 'GET' || method === 'POST'
    ? textAnswer(200, '', { 'cache-control': 'no-store' })
    : textAnswer(405, '', { allow: 'GET, POST' });
}

/** Azure takes the input as text; anything else is handed on as it is. */
function readInput(body: Buffer): { readonly value: unknown } | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return { value: Reflect.get(parsed, 'input') };
  } catch {
    return undefined;
  }
}
