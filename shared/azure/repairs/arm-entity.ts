/** One entity below a service, read and written by its path. */
import {
  createHttpHeaders,
  createPipelineRequest,
  RestError,
  type PipelineResponse,
} from '@azure/core-rest-pipeline';
import type { AzureClients } from '../azure-clients.ts';
import type { CaredFor } from '../cared-for.ts';
import { attemptOn } from '../installed-certificate.ts';
import { toDomainError } from '../to-domain-error.ts';
import { TerminalError } from '../../domain/errors.ts';

const API_VERSION = '2024-05-01';

/** An entity as Resource Manager answers it. */
export interface ArmEntity {
  readonly properties: Readonly<Record<string, unknown>>;
  /** Absent where the service tells none. */
  readonly etag?: string;
}

export interface ArmEntities {
  /** Undefined when there is none. */
  get(path: string, query?: Readonly<Record<string, string>>): Promise<ArmEntity | undefined>;
  /** One page after the other of a collection. */
  list(path: string): AsyncIterable<{
    readonly name: string;
    readonly properties: Readonly<Record<string, unknown>>;
  }>;
  /**
   * Writes it if it is still what was read; without an ETag not at all (TerminalError).
   * @returns `done` false: the service goes on with it by itself
   */
  write(
    method: 'PUT' | 'PATCH',
    path: string,
    properties: Readonly<Record<string, unknown>>,
    etag: string | undefined,
  ): Promise<{ readonly etag?: string; readonly done: boolean }>;
}

/**
 * What the management client has an operation group for each of, a dozen alike, by path: through its
 * own pipeline, and so with its token, its bounds and its log.
 *
 * Thrown: TerminalError, TransientError.
 */
export function armEntities(clients: AzureClients, service: CaredFor): ArmEntities {
  const send = async (
    method: 'GET' | 'PUT' | 'PATCH',
    url: string,
    more: { readonly body?: unknown; readonly etag?: string } = {},
  ): Promise<PipelineResponse> => {
    const client = clients.apiManagement(service.subscriptionId);
    return await client.sendRequest(
      createPipelineRequest({
        url,
        method,
        headers: createHttpHeaders({
          accept: 'application/json',
          ...(more.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(more.etag === undefined ? {} : { 'if-match': more.etag }),
        }),
        ...(more.body === undefined ? {} : { body: JSON.stringify(more.body) }),
      }),
    );
  };
  const addressOf = (path: string, query: Readonly<Record<string, string>> = {}): string => {
    const { $host } = clients.apiManagement(service.subscriptionId);
    const text = new URLSearchParams({ 'api-version': API_VERSION, ...query });
    return `${$host}${service.id}/${encodePath(path)}?${text.toString()}`;
  };
  const attempt = async <Result>(doing: string, act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (error) {
      throw toDomainError(error, attemptOn(service, doing));
    }
  };

  return {
    async get(path, query) {
      return await attempt(`read ${path} of ${service.name}`, async () => {
        const response = await send('GET', addressOf(path, query));
        if (response.status === 404) return undefined;
        requireSuccess(response);
        const properties = propertiesOf(bodyOf(response));
        const etag = response.headers.get('etag');
        return etag === undefined ? { properties } : { properties, etag };
      });
    },

    async *list(path) {
      let url: string | undefined = addressOf(path);
      const { $host } = clients.apiManagement(service.subscriptionId);
      while (url !== undefined) {
        const address: string = url;
        const body = await attempt(`list ${path} of ${service.name}`, async () => {
          const response = await send('GET', address);
          // Gone with its workspace: there are none.
          if (response.status === 404) return {};
          requireSuccess(response);
          return bodyOf(response);
        });
        for (const one of Array.isArray(body['value']) ? (body['value'] as unknown[]) : []) {
          const entity = toObject(one);
          const name = entity['name'];
          if (typeof name === 'string') yield { name, properties: propertiesOf(entity) };
        }
        const next = body['nextLink'];
        if (typeof next === 'string' && !isBelow(next, $host)) throw strangeLink(service, path);
        url = typeof next === 'string' ? next : undefined;
      }
    },

    async write(method, path, properties, etag) {
      if (etag === undefined) throw noEtag(path);
      return await attempt(`change ${path} of ${service.name}`, async () => {
        const response = await send(method, addressOf(path), { body: { properties }, etag });
        requireSuccess(response);
        const left = response.headers.get('etag');
        const done = response.status !== 202;
        return left === undefined || !done ? { done } : { etag: left, done };
      });
    },
  };
}

/**
 * The path as part of an address: a name in it cannot lead elsewhere.
 * Thrown when one would: TerminalError.
 */
function encodePath(path: string): string {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
    throw new TerminalError({
      code: 'AZURE_REFUSED',
      message: `No address can be made of ${path.slice(0, 200)}.`,
      resource: path.slice(0, 200),
    });
  }
  return segments.map(encodeURIComponent).join('/');
}

/** What is behind it is not known, and half a list is none. */
function strangeLink(service: CaredFor, path: string): TerminalError {
  return new TerminalError({
    code: 'AZURE_REFUSED',
    message: `The list ${path} of ${service.name} goes on at another host, where Certkeeper does not follow.`,
    resource: service.id,
  });
}

function noEtag(path: string): TerminalError {
  return new TerminalError({
    code: 'AZURE_REFUSED',
    message: `API Management tells no ETag of ${path}, so a change could not be tied to what was read; it was left as it is.`,
    resource: path,
    cure: 'Change it by hand.',
  });
}

function isBelow(link: string, host: string): boolean {
  const url = URL.parse(link);
  return url !== null && url.origin === new URL(host).origin;
}

/** Thrown when it is none: RestError, as the clients throw it. */
function requireSuccess(response: PipelineResponse): void {
  const { status, request } = response;
  if (status >= 200 && status < 300) return;
  const error = new RestError(`It was answered ${String(status)}.`, {
    statusCode: status,
    request,
    response,
  });
  error.details = toldBy(status, bodyOf(response));
  throw error;
}

/**
 * What the answer says, without its words: those about a policy may quote it, and secrets may stand
 * in it. Who may not do it at all is told in full.
 */
function toldBy(status: number, body: Record<string, unknown>): Record<string, unknown> {
  const error = toObject(body['error']);
  const { code, message, details } = error;
  if (status === 401 || status === 403) return { error: { code, message } };
  const places = [error, ...(Array.isArray(details) ? details.map(toObject) : [])]
    .map(placeIn)
    .filter((place) => place !== '');
  return {
    error: {
      ...(isPlain(code) ? { code } : {}),
      message: [...new Set(places)].slice(0, MOST_PLACES).join('; '),
    },
  };
}

const MOST_PLACES = 5;

/** Where in a policy something is wrong: its element, line and column, and nothing that stands there. */
function placeIn(one: Record<string, unknown>): string {
  const { code, target, message } = one;
  const text = typeof message === 'string' ? message : '';
  const element = /\belement ['"]([a-z][a-z0-9-]{0,60})['"]/i.exec(text)?.[1];
  const line = /\bline:?\s*(\d{1,7})/i.exec(text)?.[1];
  const column = /\b(?:column|position):?\s*(\d{1,7})/i.exec(text)?.[1];
  const where = [
    ...(element === undefined ? [] : [`element '${element}'`]),
    ...(element === undefined && isPlain(target) ? [`at ${target}`] : []),
    ...(line === undefined ? [] : [`line ${line}`]),
    ...(column === undefined ? [] : [`column ${column}`]),
  ];
  return where.length === 0 ? '' : [...(isPlain(code) ? [code] : []), where.join(', ')].join(': ');
}

/** A name, as programs write them. */
function isPlain(value: unknown): value is string {
  return typeof value === 'string' && /^[a-z][a-z0-9-]{0,60}$/i.test(value);
}

function bodyOf({ bodyAsText }: PipelineResponse): Record<string, unknown> {
  try {
    return toObject(JSON.parse(bodyAsText ?? ''));
  } catch {
    // No JSON: what it says is not told.
    return {};
  }
}

function propertiesOf(entity: Record<string, unknown>): Readonly<Record<string, unknown>> {
  return toObject(entity['properties']);
}

/** A wire's value as an object; anything else is an empty one. */
export function toObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? // Keys of a JSON object are texts.
      (value as Record<string, unknown>)
    : {};
}
