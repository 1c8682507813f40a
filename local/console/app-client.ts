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
  /** Set while its certificate is gone from the vault. */
  readonly orphan?: { readonly recoverableUntil?: string; readonly kept?: ShownProblem };
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
  /** What became of each target of a sync. */
  readonly targets?: readonly { readonly target: string; readonly gapSeconds?: number }[];
}

/** A removal after the certificate was deleted. */
export interface ShownCleanup {
  readonly id: string;
  readonly target: string;
  readonly status: string;
}

/** The CA certificates of a service. */
export interface ShownCaStore {
  readonly entries: readonly ShownCaEntry[];
  /** What goes into the next update. */
  readonly waiting: readonly { readonly thumbprint: string }[];
  /** The update that is on its way. */
  readonly update?: { readonly changes: readonly { readonly thumbprint: string }[] };
}

export interface ShownCaEntry {
  readonly store: string;
  readonly thumbprint: string;
  readonly subject: string;
}

/** What an upload of CA certificates is answered with. */
export interface UploadedCa {
  /** The operation; each service has one. */
  readonly id: string;
  readonly estimate: string;
  readonly entries: readonly (ShownCaEntry & { readonly outcome: string })[];
}

/** What the renewal of a key is answered with. */
export interface RenewedKey {
  readonly id: string;
  readonly registered: readonly { readonly target: string; readonly signIn: string }[];
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
  /** Asks for a sweep now; answers the operation's id. */
  sweep(): Promise<string>;
  /** What was removed, the latest first. */
  cleanups(): Promise<readonly ShownCleanup[]>;
  /** Undoes a removal; a deleted certificate is recovered. */
  undoCleanup(id: string): Promise<void>;
  /** Uploads a PKCS#12 file without a password as a new certificate. */
  upload(file: Uint8Array, fields: Readonly<Record<string, string>>): Promise<Uploaded>;
  /** The same as the next version of one. */
  uploadVersion(vault: string, name: string, file: Uint8Array): Promise<Uploaded>;
  /** Binds a certificate of the vault to targets; answers the operation's id. */
  bind(vault: string, name: string, targets: readonly string[]): Promise<string>;
  /** Makes a new key, registers it, and then gives it to the vault. */
  renewKey(vault: string, name: string): Promise<RenewedKey>;
  /** Uploads CA certificates to a service. */
  uploadCa(service: string, file: Uint8Array): Promise<UploadedCa>;
  caStore(service: string): Promise<ShownCaStore>;
}

/** @param headers sent with every request: who is asking */
export function makeAppClient(
  hostUrl: string,
  headers: Readonly<Record<string, string>>,
): AppClient {
  const ask = async (method: string, path: string, body?: FormData | string): Promise<Response> => {
    const response = await fetch(`${hostUrl}/api/${path}`, {
      method,
      headers:
        typeof body === 'string' ? { ...headers, 'content-type': 'application/json' } : headers,
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
    async sweep() {
      return ((await (await ask('POST', 'sweeps')).json()) as { id: string }).id;
    },
    async cleanups() {
      const response = await ask('GET', 'cleanups');
      return ((await response.json()) as { cleanups: ShownCleanup[] }).cleanups;
    },
    async undoCleanup(id) {
      await ask('POST', `cleanups/${id}/undo`, JSON.stringify({ recover: true }));
    },
    async upload(file, fields) {
      const response = await ask('POST', 'certificates', toForm(file, fields));
      return (await response.json()) as Uploaded;
    },
    async uploadVersion(vault, name, file) {
      const response = await ask('PUT', `certificates/${vault}/${name}`, toForm(file, {}));
      return (await response.json()) as Uploaded;
    },
    async bind(vault, name, targets) {
      const body = JSON.stringify({ targets });
      const response = await ask('POST', `certificates/${vault}/${name}/bindings`, body);
      return ((await response.json()) as { id: string }).id;
    },
    async renewKey(vault, name) {
      const response = await ask('POST', `certificates/${vault}/${name}/renew-key`);
      return (await response.json()) as RenewedKey;
    },
    async uploadCa(service, file) {
      const path = `services/${service}/ca-certificates`;
      return (await (await ask('POST', path, toForm(file, {}))).json()) as UploadedCa;
    },
    async caStore(service) {
      return (await (
        await ask('GET', `services/${service}/ca-certificates`)
      ).json()) as ShownCaStore;
    },
  };
}

function toForm(file: Uint8Array, fields: Readonly<Record<string, string>>): FormData {
  const form = new FormData();
  form.append('file', new File([new Uint8Array(file)], 'certificate.pfx'));
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
}
