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

/** What an upload is answered with. */
export interface Uploaded {
  /** The operation that installs it. */
  readonly id: string;
  readonly understood: { readonly subject: string; readonly keyType: string };
}

export interface AppClient {
  certificates(): Promise<readonly ShownCertificate[]>;
  /** What Certkeeper gave so that this certificate can be read, in sentences, the first one first. */
  given(vault: string, name: string): Promise<readonly string[]>;
  /** Asks for a sync now; answers the operation's id. */
  sync(vault: string, name: string): Promise<string>;
  /** Undefined when there is no such operation, or not yet. */
  operation(id: string): Promise<ShownOperation | undefined>;
  /** Uploads a PKCS#12 file without a password as a new certificate. */
  upload(file: Uint8Array, fields: Readonly<Record<string, string>>): Promise<Uploaded>;
  /** The same as the next version of one. */
  uploadVersion(vault: string, name: string, file: Uint8Array): Promise<Uploaded>;
}

/** @param headers sent with every request: who is asking */
export function makeAppClient(
  hostUrl: string,
  headers: Readonly<Record<string, string>>,
): AppClient {
  const ask = async (method: string, path: string, body?: FormData): Promise<Response> => {
    const response = await fetch(`${hostUrl}/api/${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
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
    async upload(file, fields) {
      const response = await ask('POST', 'certificates', toForm(file, fields));
      return (await response.json()) as Uploaded;
    },
    async uploadVersion(vault, name, file) {
      const response = await ask('PUT', `certificates/${vault}/${name}`, toForm(file, {}));
      return (await response.json()) as Uploaded;
    },
  };
}

function toForm(file: Uint8Array, fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  form.append('file', new File([new Uint8Array(file)], 'certificate.pfx'));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
