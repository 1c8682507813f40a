/** Applications of a running simulated Azure: made, owned, read, and asked for tokens. */
import type { RunningAzure } from '../../../local/azure/index.ts';
import { TENANT } from './arm-world.ts';
import { makeClientAssertion, tokenForm, type AssertionParts } from './client-assertion.ts';

export interface TestApplication {
  /** Object id. */
  readonly id: string;
  /** App id. */
  readonly clientId: string;
  /** Object id of its service principal. */
  readonly principalId: string;
}

export interface Entra {
  /** Asks Graph as an operator, or with a token. @param path below `/v1.0` */
  graph(
    method: string,
    path: string,
    body?: unknown,
    token?: string,
  ): Promise<{ status: number; body: unknown }>;
  /** Makes an application with a service principal, so that it can get tokens. */
  makeApplication(
    displayName: string,
    keyCredentials?: readonly unknown[],
  ): Promise<TestApplication>;
  addOwner(applicationId: string, principalId: string): Promise<void>;
  /** @param id object id or client id of a service principal */
  grant(id: string, ...permissions: string[]): Promise<void>;
  /** As reads see it, with the keys. */
  keyCredentials(applicationId: string): Promise<Record<string, unknown>[]>;
  /** Asks for a token with a client assertion. */
  token(
    parts: Omit<AssertionParts, 'tenantId'>,
    scope?: string,
  ): Promise<{ status: number; token: string | undefined; body: unknown }>;
}

/** @param azure asked for its address each time, since a restart changes it */
export function entraOf(azure: () => Pick<RunningAzure, 'url'>): Entra {
  const graph: Entra['graph'] = async (method, path, body, token = 'operator') => {
    const response = await fetch(`${azure().url}/graph.microsoft.com/v1.0${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  };
  const done = async (asked: ReturnType<Entra['graph']>): Promise<Record<string, unknown>> => {
    const { status, body } = await asked;
    if (status >= 400) throw new Error(`Graph answered ${status}: ${JSON.stringify(body)}`);
    // What Graph answers to a request that is right is an object, or nothing.
    return (body ?? {}) as Record<string, unknown>;
  };
  return {
    graph,
    async makeApplication(displayName, keyCredentials = []) {
      const made = await done(graph('POST', '/applications', { displayName, keyCredentials }));
      const clientId = String(made['appId']);
      const principal = await done(graph('POST', '/servicePrincipals', { appId: clientId }));
      return { id: String(made['id']), clientId, principalId: String(principal['id']) };
    },
    async addOwner(applicationId, principalId) {
      await done(
        graph('POST', `/applications/${applicationId}/owners/$ref`, {
          '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${principalId}`,
        }),
      );
    },
    async grant(id, ...permissions) {
      const response = await fetch(`${azure().url}/_local/graph/permissions/${id}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ permissions }),
      });
      if (!response.ok) throw new Error(`Granting answered ${response.status}`);
    },
    async keyCredentials(applicationId) {
      const body = await done(
        graph('GET', `/applications/${applicationId}?$select=keyCredentials`),
      );
      return body['keyCredentials'] as Record<string, unknown>[];
    },
    async token(parts, scope) {
      const assertion = makeClientAssertion({ tenantId: TENANT, ...parts });
      const response = await fetch(
        `${azure().url}/login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`,
        { method: 'POST', body: tokenForm(parts.clientId, assertion, scope) },
      );
      const body = (await response.json()) as { access_token?: string };
      return { status: response.status, token: body.access_token, body };
    },
  };
}
