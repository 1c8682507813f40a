import type { KeyRing, KeyScope } from '../keys.ts';
import { jsonAnswer, textAnswer } from './answer.ts';
import type { HttpAnswer } from './http-data.ts';
import type { OutsideRequest } from './outside-request.ts';

export interface KeysApiOptions {
  readonly keys: KeyRing;
  /** `http://127.0.0.1:7071` */
  readonly baseUrl: string;
  readonly functionNames: readonly string[];
}

/** Where in the key API a request goes. */
interface Place {
  readonly scope: KeyScope;
  /** The address of the collection, without a slash at the end. */
  readonly path: string;
  /** Undefined for the collection. */
  readonly key: string | undefined;
}

const MASTER = '_master';

/**
 * Makes the API that lists, makes, changes and removes keys, below `/admin/functions/{name}/keys`
 * and `/admin/host/{keys|functionkeys|systemkeys}`
 * (https://github.com/Azure/azure-functions-host/wiki/Key-management-API and KeysController.cs of
 * azure-functions-host). The caller has shown the master key.
 * @returns the answer; undefined when the address is not one of this API
 */
export function makeKeysApi({ keys, baseUrl, functionNames }: KeysApiOptions) {
  const keyAnswer = (status: number, place: Place, name: string, value: string): HttpAnswer =>
    jsonAnswer(status, describe(place, name, value), status === 201 ? { location: baseUrl } : {});

  function describe({ path }: Place, name: string, value: string) {
    const href = `${baseUrl}${path}/${encodeURIComponent(name)}`;
    return { name, value, links: [{ rel: 'self', href }] };
  }

  function read(place: Place, key: string | undefined): HttpAnswer {
    if (key === undefined) {
      const all = [...keys.list(place.scope)].map(([name, value]) => describe(place, name, value));
      const links = [{ rel: 'self', href: `${baseUrl}${place.path}` }];
      return jsonAnswer(200, { keys: all, links });
    }
    if (isMaster(place)) return keyAnswer(200, place, MASTER, keys.own.master);
    for (const [name, value] of keys.list(place.scope)) {
      if (name.toLowerCase() === key.toLowerCase()) return keyAnswer(200, place, name, value);
    }
    return textAnswer(404);
  }

  function write(place: Place, key: string, value: string | undefined): HttpAnswer {
    if (isMaster(place)) {
      // Azure says "created" of a master key that it chose itself.
      return keyAnswer(value === undefined ? 201 : 200, place, MASTER, keys.setMaster(value));
    }
    // A name like this could not be deleted again.
    if (key.startsWith('_')) return textAnswer(400, 'Invalid key name.');
    const made = keys.set(place.scope, key, value);
    return keyAnswer(made.created ? 201 : 200, place, key, made.value);
  }

  function remove(place: Place, key: string): HttpAnswer {
    if (key.startsWith('_')) return textAnswer(400, 'Invalid key name.');
    return textAnswer(keys.remove(place.scope, key) ? 204 : 404);
  }

  return (request: OutsideRequest, body: Buffer): HttpAnswer | undefined => {
    const place = findPlace(request.url.pathname);
    if (place === undefined) return undefined;
    const { scope, key } = place;
    if (scope.kind === 'function') {
      const wanted = scope.name.toLowerCase();
      if (!functionNames.some((name) => name.toLowerCase() === wanted)) return textAnswer(404);
    }
    if (request.method === 'GET') return read(place, key);
    if (key === undefined) return textAnswer(405, '', { allow: 'GET' });
    if (request.method === 'POST') return write(place, key, undefined);
    if (request.method === 'PUT') {
      const value = readValue(body);
      if (value === undefined) return textAnswer(400, 'Invalid key value');
      return write(place, key, value);
    }
    if (request.method === 'DELETE') return remove(place, key);
    return textAnswer(405, '', { allow: 'GET, POST, PUT, DELETE' });
  };
}

function findPlace(pathname: string): Place | undefined {
  const match =
    /^(?<path>\/admin\/(?:functions\/(?<fn>[^/]+)\/keys|host\/(?<host>keys|functionkeys|systemkeys)))(?:\/(?<key>[^/]+))?\/?$/i.exec(
      pathname,
    );
  const { path, fn, host, key } = match?.groups ?? {};
  if (path === undefined) return undefined;
  const scope: KeyScope =
    fn !== undefined
      ? { kind: 'function', name: decode(fn) }
      : // `keys` is the older name of the keys of all functions.
        { kind: host?.toLowerCase() === 'systemkeys' ? 'systemKeys' : 'functionKeys' };
  return { scope, path, key: key === undefined ? undefined : decode(key) };
}

function isMaster({ scope, key }: Place): boolean {
  return scope.kind !== 'function' && key?.toLowerCase() === MASTER;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** `{"name": …, "value": …}`; only the value counts. */
function readValue(body: Buffer): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString('utf8'));
    const value: unknown =
      typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'value') : undefined;
    return typeof value === 'string' && value !== '' ? value : undefined;
  } catch {
    return undefined;
  }
}
