/** Certkeeper's own HTTP API, as the commands use it. */

export interface ShownProblem {
  readonly code: string;
  readonly message: string;
  readonly cure?: string;
}

export interface ShownBinding {
  /** e.g. `contoso-gw/certificates/gateway-client` */
  readonly target: string;
  readonly status: string;
  readonly thumbprint?: string;
  readonly current: boolean;
  readonly versionless: boolean;
  readonly problem?: ShownProblem;
}

export interface ShownCertificate {
  readonly vault: string;
  readonly name: string;
  readonly thumbprint?: string;
  readonly bindings: readonly ShownBinding[];
}

export interface ShownOperation {
  readonly id: string;
  readonly state: 'pending' | 'running' | 'succeeded' | 'blocked' | 'failed';
  readonly step: string;
  readonly problem?: ShownProblem;
}

export interface AppClient {
  certificates(): Promise<readonly ShownCertificate[]>;
  /** What Certkeeper gave so that this certificate can be read, in sentences, the first one first. */
  given(vault: string, name: string): Promise<readonly string[]>;
  /** Asks for a sync now; answers the operation's id. */
  sync(vault: string, name: string): Promise<string>;
  /** Undefined when there is no such operation, or not yet. */
  operation(id: string): Promise<ShownOperation | undefined>;
}

/** @param headers sent with every request: who is asking */
export function makeAppClient(
  hostUrl: string,
  headers: Readonly<Record<string, string>>,
): AppClient {
  const ask = async (method: string, path: string): Promise<Response> => {
    const response = await fetch(`${hostUrl}/api/${path}`, { method, headers });
    if (response.ok || response.status === 404) return response;
    throw new Error(`${method} /api/${path} answered ${response.status}: ${await response.text()}`);
  };
  // The bodies are those of docs/http-api.md.
  return {
    async certificates() {
      const response = await ask('GET', 'certificates');
      return ((await response.json()) as { certificates: ShownCertificate[] }).certificates;
    },
    async given(vault, name) {
      const response = await ask('GET', `certificates/${vault}/${name}`);
      const { history = [] } = (await response.json()) as {
        history?: { what: string; detail?: string }[];
      };
      return history
        .flatMap(({ what, detail }) => (what === 'grant' && detail !== undefined ? [detail] : []))
        .reverse();
    },
    async sync(vault, name) {
      const response = await ask('POST', `certificates/${vault}/${name}/sync`);
      return ((await response.json()) as { id: string }).id;
    },
    async operation(id) {
      const response = await ask('GET', `operations/${id}`);
      const body: unknown = await response.json();
      return response.status === 404 ? undefined : (body as ShownOperation);
    },
  };
}
