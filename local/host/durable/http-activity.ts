import {
  headerOf,
  httpActivityName,
  readDurableRequest,
  type DurableHeaders,
  type DurableRequest,
  type DurableResponse,
} from './call-http.ts';
import type { Environment } from './environment.ts';
import type { DurableFunction } from './extension.ts';
import { tryParse } from './json.ts';
import { getIdentityToken } from './managed-identity.ts';
import { sendHttp, type IncomingAnswer } from './send-http.ts';
import type { TraceContext } from './trace-context.ts';

/** .NET's HttpClient gives up then, and Azure's host leaves it at that. */
const defaultTimeoutMs = 100_000;

/**
 * The activity behind `context.df.callHttp`: it sends one request and gives the answer, whatever
 * its status (azure-functions-durable-extension Listener/TaskHttpActivityShim.cs). The engine treats
 * it as any other activity: after a crash the request is sent again.
 *
 * It fails when there is no answer, and for a request that Azure's host does not send either. A
 * token goes into the request and nowhere else.
 * @param environment app settings, for the identity that tokens are for
 */
export function makeHttpActivity(
  environment: Environment,
  timeoutMs = defaultTimeoutMs,
): DurableFunction {
  return {
    name: httpActivityName,
    bindingType: 'activityTrigger',
    invoke: async (input, trace): Promise<DurableResponse> => {
      const request = readDurableRequest(tryParse(String(input))?.value);
      const url = toUrl(request.uri);
      const { headers, content } = toMessage(request);
      const signal = AbortSignal.timeout(timeoutMs);
      try {
        const answer = await sendHttp({
          ...{ url, content, signal, method: request.method.toUpperCase() },
          headers: {
            ...traceHeaders(trace, headers),
            ...headers,
            ...(await authorization(request, headers, environment, signal)),
          },
        });
        return toResponse(answer);
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new Error(`There was no answer within ${timeoutMs / 1000} seconds.`, {
          cause: error,
        });
      }
    },
  };
}

function toUrl(uri: string): URL {
  const url = URL.parse(uri);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error('The address of an HTTP call must be absolute, with http:// or https://.');
  }
  // .NET sends no credentials that stand in an address.
  url.username = '';
  url.password = '';
  return url;
}

/**
 * Headers that belong to a body. .NET keeps them apart from the others: of a request's it takes
 * the content type alone, and of an answer's Azure's host gives the app none.
 */
const contentHeaders: ReadonlySet<string> = new Set([
  'allow',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'expires',
  'last-modified',
]);

function toMessage(request: DurableRequest): {
  headers: Record<string, string | readonly string[]>;
  content: string | null;
} {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    const lower = name.toLowerCase();
    if (lower === 'content-type') continue;
    if (contentHeaders.has(lower)) {
      throw new Error(`The header '${name}' cannot be set on an HTTP call.`);
    }
    headers[name] = value;
  }
  const { content } = request;
  const type = headerOf(request.headers, 'content-type');
  if (type?.includes('multipart') === true) {
    throw new Error('An HTTP call cannot have a multipart body.');
  }
  if (content !== null) headers['Content-Type'] = toContentType(type ?? '');
  return { headers, content };
}

function toContentType(type: string): string {
  if (type === '') return 'text/plain';
  if (type.toLowerCase() === 'application/x-www-form-urlencoded') return `${type}; charset=utf-8`;
  if (!/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(type)) {
    throw new Error(
      `The Content-Type '${type}' cannot be set on an HTTP call: it must be a type alone, without parameters as charset.`,
    );
  }
  return type;
}

/** The token replaces what the app may have written there. */
async function authorization(
  { tokenSource }: DurableRequest,
  headers: DurableHeaders,
  environment: Environment,
  signal: AbortSignal,
): Promise<Record<string, string>> {
  if (tokenSource === null) return {};
  const name = Object.keys(headers).find((one) => one.toLowerCase() === 'authorization');
  const token = await getIdentityToken(tokenSource, environment, signal);
  return { [name ?? 'Authorization']: `Bearer ${token}` };
}

/** The trace goes on at the other side, unless the app says how. */
function traceHeaders(
  trace: TraceContext | undefined,
  headers: DurableHeaders,
): Record<string, string> {
  if (trace === undefined || headerOf(headers, 'traceparent') !== undefined) return {};
  const { traceParent, traceState } = trace;
  return { traceparent: traceParent, ...(traceState !== '' && { tracestate: traceState }) };
}

function toResponse({ status, rawHeaders, body }: IncomingAnswer): DurableResponse {
  const headers = new Map<string, { name: string; values: string[] }>();
  let charset = 'utf-8';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2);
    const lower = name.toLowerCase();
    if (lower === 'content-type') charset = /charset="?([^\s;"]+)/i.exec(value)?.[1] ?? charset;
    if (contentHeaders.has(lower)) continue;
    const known = headers.get(lower);
    if (known === undefined) headers.set(lower, { name, values: [value] });
    else known.values.push(value);
  }
  return {
    // First: `readAccepted` looks for it there.
    statusCode: status,
    headers: Object.fromEntries(
      [...headers.values()].map(({ name, values }) => [
        name,
        values.length === 1 ? (values[0] ?? '') : values,
      ]),
    ),
    content: new TextDecoder(charset).decode(body),
  };
}
