/** Azure's REST addresses, asked on this machine as a person with curl would ask them. */
import { setTimeout as wait } from 'node:timers/promises';

export interface WireAnswer {
  readonly status: number;
  /** The parsed body; undefined when it was empty. */
  readonly body: unknown;
  readonly headers: Headers;
}

/** Thrown when Azure answers an error that was not expected. */
export class AzureWireError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(what: string, status: number, code: string, message: string) {
    super(`${what} answered ${status} ${code}: ${message}`);
    this.name = 'AzureWireError';
    this.status = status;
    this.code = code;
  }
}

/** A client of the simulated Azure at one address. */
export interface AzureWire {
  /** `address` is the Azure host and path, e.g. `management.azure.com/subscriptions`. */
  ask(
    method: string,
    address: string,
    options?: {
      readonly body?: unknown;
      /** In place of `body`: fields of a form. */
      readonly form?: Readonly<Record<string, string>>;
      readonly headers?: Readonly<Record<string, string>>;
      /** Statuses that are an answer and not an error, besides 2xx. */
      readonly expect?: readonly number[];
    },
  ): Promise<WireAnswer>;
  /** A resource of Resource Manager, or undefined when there is none. */
  resource(id: string, apiVersion: string): Promise<ArmResource | undefined>;
  /** Creates or replaces a resource and waits until it is provisioned. */
  putResource(id: string, apiVersion: string, body: unknown): Promise<ArmResource>;
  /** Changes a part of a resource and waits until that is done. */
  patchResource(id: string, apiVersion: string, body: unknown): Promise<ArmResource>;
  /** The control address beside the real ones, e.g. `settings`. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
}

export interface ArmResource {
  readonly id: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly identity?: { readonly principalId?: string };
}

const ARM = 'management.azure.com';
/** Any bearer token that was not issued here is a person who may do everything. */
const OPERATOR = 'Bearer operator';
const POLL_MS = 50;
const FINAL_STATES = new Set(['Succeeded', 'Failed', 'Canceled']);

/** @param url `http://127.0.0.1:7072` */
export function makeAzureWire(url: string): AzureWire {
  const ask: AzureWire['ask'] = async (method, address, options = {}) => {
    const response = await fetch(`${url}/${address}`, {
      method,
      headers: {
        authorization: OPERATOR,
        ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...options.headers,
      },
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.form === undefined ? {} : { body: new URLSearchParams(options.form) }),
    });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    if (!response.ok && options.expect?.includes(response.status) !== true) {
      const { code, message } = toError(body);
      throw new AzureWireError(`${method} ${address}`, response.status, code, message);
    }
    return { status: response.status, body, headers: response.headers };
  };
  const resource: AzureWire['resource'] = async (id, apiVersion) => {
    const address = `${ARM}${id}?api-version=${apiVersion}`;
    const { status, body } = await ask('GET', address, { expect: [404] });
    // Resource Manager answers one resource, whose common fields are always these.
    return status === 404 ? undefined : (body as ArmResource);
  };
  const change =
    (method: 'PUT' | 'PATCH'): AzureWire['putResource'] =>
    async (id, apiVersion, body) => {
      const address = `${ARM}${id}?api-version=${apiVersion}`;
      const { body: answer } = await ask(method, address, {
        body,
        ...(method === 'PATCH' ? { headers: { 'if-match': '*' } } : {}),
      });
      let made = answer as ArmResource | undefined;
      while (!isProvisioned(made)) {
        await wait(POLL_MS);
        made = await resource(id, apiVersion);
      }
      const state = made.properties['provisioningState'];
      if (state === 'Failed' || state === 'Canceled') {
        throw new AzureWireError(`${method} ${id}`, 200, state, 'the resource is not as asked');
      }
      return made;
    };
  return {
    ask,
    resource,
    putResource: change('PUT'),
    patchResource: change('PATCH'),
    async control(method, path, body) {
      return (await ask(method, `_local/${path}`, body === undefined ? {} : { body })).body;
    },
  };
}

function isProvisioned(resource: ArmResource | undefined): resource is ArmResource {
  if (resource === undefined) return false;
  const state = resource.properties['provisioningState'];
  return typeof state !== 'string' || FINAL_STATES.has(state);
}

function toError(body: unknown): { code: string; message: string } {
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const { error } = body;
    if (typeof error === 'object' && error !== null) {
      const read = (name: string) =>
        name in error ? String((error as Record<string, unknown>)[name]) : '';
      return { code: read('code'), message: read('message') };
    }
  }
  return { code: 'Unknown', message: JSON.stringify(body ?? '').slice(0, 200) };
}
