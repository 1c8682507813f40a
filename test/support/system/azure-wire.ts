/** The simulated Azure by its wire, as `curl` would use it. */
import { checkAnswer } from './check-answer.ts';
import type { RunningSystem } from './running-system.ts';

const SUBSCRIPTION = '5eed0000-0000-4000-8000-000000000001';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-contoso`;

export interface LoggedRequest {
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number;
}

export interface ApimCertificate {
  readonly name: string;
  readonly properties: {
    readonly thumbprint?: string;
    readonly keyVault?: { readonly secretIdentifier: string; readonly identityClientId?: string };
  };
}

/** An event of Certkeeper's own topic. */
export interface PublishedEvent {
  readonly type: string;
  readonly subject: string;
  readonly data: {
    readonly target?: string;
    readonly thumbprint?: string;
    readonly problem?: { readonly code: string };
  };
}

/** One answer: status and parsed body. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

export function makeWire(system: Pick<RunningSystem, 'azureUrl' | 'hostUrl' | 'keys' | 'headers'>) {
  const send = async (
    url: string,
    method = 'GET',
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(url, {
      method,
      headers: {
        ...(url.startsWith(`${system.hostUrl}/api/`)
          ? system.headers
          : { authorization: 'Bearer test' }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    let parsed: unknown = text;
    try {
      parsed = text === '' ? undefined : JSON.parse(text);
    } catch {
      // Not JSON: the text itself is the answer.
    }
    const answer = { status: response.status, body: parsed, headers: response.headers };
    if (url.startsWith(`${system.hostUrl}/api/`)) {
      await checkAnswer(system, { ...answer, method, path: url.slice(system.hostUrl.length) });
    }
    return answer;
  };
  const vault = (name: string, path: string) =>
    `${system.azureUrl}/${name}.vault.azure.net${path}${path.includes('?') ? '&' : '?'}api-version=2025-07-01`;
  const arm = (path: string, version = '2024-05-01') =>
    `${system.azureUrl}/management.azure.com${path}${path.includes('?') ? '&' : '?'}api-version=${version}`;
  const certificatePath = (service: string, id: string) =>
    `${GROUP}/providers/Microsoft.ApiManagement/service/${service}/certificates/${id}`;

  return {
    send,
    vault,
    arm,
    group: GROUP,
    certificatePath,

    /** Imports a PFX (base64) as a new version; answers its thumbprint, upper-case hex. */
    async importVersion(
      vaultName: string,
      name: string,
      pfx: { readonly value: string; readonly password: string },
      more: Record<string, unknown> = {},
    ): Promise<string> {
      const answer = await send(vault(vaultName, `/certificates/${name}/import`), 'POST', {
        value: pfx.value,
        pwd: pfx.password,
        policy: { secret_props: { contentType: 'application/x-pkcs12' } },
        ...more,
      });
      if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
      const { x5t } = answer.body as { x5t: string };
      return Buffer.from(x5t, 'base64url').toString('hex').toUpperCase();
    },

    workspacePath: (service: string, workspace: string) =>
      `${GROUP}/providers/Microsoft.ApiManagement/service/${service}/workspaces/${workspace}`,

    /** The certificate of a workspace, or undefined when there is none. */
    async workspaceCertificate(service: string, workspace: string, id: string) {
      const path = `${GROUP}/providers/Microsoft.ApiManagement/service/${service}/workspaces/${workspace}/certificates/${id}`;
      const answer = await send(arm(path));
      return answer.status === 200 ? (answer.body as ApimCertificate) : undefined;
    },

    async apimCertificate(service: string, id: string): Promise<ApimCertificate | undefined> {
      const answer = await send(arm(certificatePath(service, id)));
      return answer.status === 200 ? (answer.body as ApimCertificate) : undefined;
    },

    async requests(): Promise<readonly LoggedRequest[]> {
      const answer = await send(`${system.azureUrl}/_local/requests`);
      return (answer.body as { requests: LoggedRequest[] }).requests;
    },
    forgetRequests: () => send(`${system.azureUrl}/_local/requests`, 'DELETE'),

    async published(): Promise<readonly PublishedEvent[]> {
      const answer = await send(`${system.azureUrl}/_local/topics/certkeeper-events/events`);
      return (answer.body as { events: PublishedEvent[] }).events;
    },

    /** Stands until it has struck as often as it says. Thrown when it cannot be read: Error. */
    async fault(fault: unknown): Promise<void> {
      const answer = await send(`${system.azureUrl}/_local/faults`, 'POST', fault);
      if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
    },
    noFaults: () => send(`${system.azureUrl}/_local/faults`, 'DELETE'),

    /** Posts to the host's Event Grid webhook, as Event Grid would. */
    deliver: (body: unknown, headers: Record<string, string> = {}) =>
      send(
        `${system.hostUrl}/runtime/webhooks/eventgrid?functionName=KeyVaultEvents&code=${system.keys.eventGrid}`,
        'POST',
        body,
        { 'aeg-event-type': 'Notification', ...headers },
      ),

    api: (path: string, method = 'GET', body?: unknown, headers: Record<string, string> = {}) =>
      send(`${system.hostUrl}/api${path}`, method, body, headers),
  };
}

export type Wire = ReturnType<typeof makeWire>;

/** Counts what was asked of Azure by what it means. */
export function countRequests(requests: readonly LoggedRequest[]) {
  const match = (method: string, path: RegExp) =>
    requests.filter((one) => one.method === method && path.test(one.path)).length;
  return {
    refreshes: match('POST', /\/certificates\/[^/]+\/refreshSecret$/),
    writes: match('PUT', /\/service\/[^/]+\/certificates\//),
    targetReads: match('GET', /\/service\/[^/]+\/certificates\/[^/]+$/),
  };
}
