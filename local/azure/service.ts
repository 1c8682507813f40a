/**
 * What every simulated Azure service is made of: a request as Azure would have received it, an
 * answer, and the world it happens in (clock, store, principals, request log).
 */
import type { IncomingHttpHeaders } from 'node:http';

/** A request addressed to an Azure host, decoded once by the server. */
export interface AzureRequest {
  readonly method: string;
  /** The Azure host, lower case, e.g. `contoso-kv.vault.azure.net`. */
  readonly host: string;
  /** Path as Azure sees it, still percent-encoded, starting with `/`, without query. */
  readonly path: string;
  /** Percent-decoded, non-empty path segments. */
  readonly segments: readonly string[];
  /** Query parameters; names matched case-insensitively. */
  query(name: string): string | undefined;
  /** Header by lower-case name. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Parses the body; throws an AzureFault 400 when it is not a JSON object. */
  json(): Record<string, unknown>;
  /** Who calls; undefined when no bearer token was sent. */
  readonly principal: Principal | undefined;
  /** `http://127.0.0.1:7072/{host}`: what absolute links that stay on this machine start with. */
  readonly localBase: string;
}

/**
 * The caller behind a bearer token. Tokens that this simulated Azure issued name an identity;
 * any other token is a person at the keyboard (`operator`), who may do everything.
 */
export type Principal =
  | { readonly kind: 'operator' }
  | {
      readonly kind: 'identity';
      readonly objectId: string;
      readonly clientId: string;
      /** The resource the token was issued for (`aud`), e.g. `https://vault.azure.net`. */
      readonly audience?: string;
    };

export interface AzureResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; undefined sends an empty body. */
  readonly body?: unknown;
  /** Sent as it is instead of a body; its content type is among the headers. */
  readonly text?: string;
}

/** One control route, served under `/_local{path}`; for people, tests and demos, never for apps. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Starts with `/`; a segment in braces (`/topics/{name}/events`) matches anything. */
  readonly path: string;
  /** One line for the index at `GET /_local`. */
  readonly summary: string;
  handle(
    request: AzureRequest,
    parameters: Readonly<Record<string, string>>,
  ): AzureResponse | Promise<AzureResponse>;
}

/** One simulated service: says which hosts are its own, and answers. */
export interface AzureService {
  readonly name: string;
  /** True when requests to this Azure host belong to the service. */
  owns(host: string): boolean;
  handle(request: AzureRequest): Promise<AzureResponse>;
}

/** An error as Azure words it: `{"error":{"code","message","details"?,"innererror"?}}`. */
export class AzureFault extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly innerError: Readonly<Record<string, unknown>> | undefined;
  readonly details: readonly unknown[] | undefined;
  constructor(
    status: number,
    code: string,
    message: string,
    extra: {
      headers?: Readonly<Record<string, string>>;
      innerError?: Readonly<Record<string, unknown>>;
      details?: readonly unknown[];
    } = {},
  ) {
    super(message);
    this.name = 'AzureFault';
    this.status = status;
    this.code = code;
    this.headers = extra.headers ?? {};
    this.innerError = extra.innerError;
    this.details = extra.details;
  }
}

/** The simulated clock: real time plus an offset that only ever grows (`POST /_local/clock`). */
export interface Clock {
  now(): Date;
  /** Seconds to move forward; callbacks that fall due run. */
  advance(seconds: number): void;
  /** Runs once when the clock reaches `at`; survives nothing, owners re-register after a restart. */
  at(at: Date, run: () => void): { cancel(): void };
}

/**
 * Documents by collection and key, in one SQLite file. A write that returned survives `kill -9`;
 * a power cut may take the last moments, never a half.
 */
export interface Store {
  get<T>(collection: string, key: string): T | undefined;
  put(collection: string, key: string, document: unknown): void;
  delete(collection: string, key: string): void;
  /** In key order. */
  list<T>(collection: string, prefix?: string): { key: string; document: T }[];
  /** All or nothing. */
  transaction<T>(run: () => T): T;
}

/**
 * What can be chosen about this world, by name, at `/_local/settings`: assumptions about behaviour
 * that no document settles, and durations. Kept over restarts.
 */
export interface Settings {
  /**
   * Declares a setting and gives back its reader. `parse` turns what was sent into the value, or
   * throws an Error saying what would be right; it must accept the default.
   */
  define<T>(
    name: string,
    setting: {
      readonly default: T;
      readonly about: string;
      readonly parse: (value: unknown) => T;
    },
  ): () => T;
}

/** What services share. */
export interface World {
  readonly clock: Clock;
  readonly store: Store;
  readonly settings: Settings;
  /** Encrypts key material for the store (AES-256-GCM); the answer is text that fits a document. */
  readonly seal: (plain: Buffer) => string;
  /** Opens what `seal` made; throws when it was altered or sealed under another key. */
  readonly unseal: (sealed: string) => Buffer;
  /** One line for whoever watches; never holds a secret. */
  readonly log: (line: string) => void;
  /** `http://127.0.0.1:7072` without trailing slash. */
  readonly baseUrl: string;
  readonly tenantId: string;
}

/**
 * How API Management (or anyone in this world) reads a certificate through the vault's secret
 * endpoint. Implemented by Key Vault; answers exactly what the wire would.
 */
export interface VaultReader {
  readSecret(
    secretIdentifier: string,
    as: {
      objectId: string;
      kind: 'systemAssigned' | 'userAssigned';
      /** Name of the service that reads: whether it stands in a network with a private endpoint. */
      service?: string;
    },
  ): Promise<
    | {
        readonly kind: 'read';
        /** `https://{vault}.vault.azure.net/secrets/{name}/{version}` */
        readonly id: string;
        readonly contentType: string | undefined;
        /** base64 PKCS#12 for certificates. */
        readonly value: string;
      }
    | {
        readonly kind: 'refused';
        readonly status: number;
        readonly code: string;
        readonly message: string;
      }
  >;
}

/** What Key Vault asks Resource Manager before it lets somebody in. Implemented by Resource Manager. */
export interface AccessDecider {
  /** The vault resource by name, or undefined when there is none. */
  vault(name: string): VaultResource | undefined;
  /**
   * Whether the principal holds the data action: RBAC assignments at every scope, the object's own
   * included, deny assignments, propagation delay; or the access policies, as the vault's mode says.
   *
   * @param object path below the vault's id, e.g. `/secrets/name`; empty for the vault itself
   */
  allows(
    objectId: string,
    vault: VaultResource,
    object: string,
    dataAction: string,
    policy: { kind: 'secrets' | 'certificates' | 'keys'; permission: string },
  ): boolean;
}

/** `SecuredByPerimeter`: a network security perimeter decides in place of firewall and bypass. */
export type PublicNetworkAccess = 'Enabled' | 'Disabled' | 'SecuredByPerimeter';

export interface VaultResource {
  readonly id: string;
  readonly name: string;
  readonly location: string;
  /** Names of services in whose network the vault has an approved private endpoint. */
  readonly reachableFrom: readonly string[];
  readonly properties: {
    readonly tenantId: string;
    readonly enableRbacAuthorization: boolean;
    readonly accessPolicies: readonly {
      readonly tenantId: string;
      readonly objectId: string;
      readonly permissions: {
        readonly secrets?: readonly string[];
        readonly certificates?: readonly string[];
        readonly keys?: readonly string[];
      };
    }[];
    readonly publicNetworkAccess: PublicNetworkAccess;
    readonly networkAcls: {
      readonly bypass: 'AzureServices' | 'None';
      readonly defaultAction: 'Allow' | 'Deny';
      readonly ipRules: readonly { readonly value: string }[];
      readonly virtualNetworkRules: readonly { readonly id: string }[];
    };
    readonly softDeleteRetentionInDays: number;
    readonly enablePurgeProtection?: boolean;
  };
}

/** Tells Event Grid that something happened in a vault. Implemented by Event Grid. */
export interface EventSink {
  publish(event: {
    /** ARM id of the vault. */
    readonly topic: string;
    readonly subject: string;
    readonly eventType: string;
    readonly data: Readonly<Record<string, unknown>>;
  }): void;
}
