import { ApiManagementClient } from '@azure/arm-apimanagement';
import { AuthorizationManagementClient } from '@azure/arm-authorization';
import { KeyVaultManagementClient } from '@azure/arm-keyvault';
import type { TokenCredential } from '@azure/core-auth';
import type { HttpClient } from '@azure/core-rest-pipeline';
import { CertificateClient } from '@azure/keyvault-certificates';
import { SecretClient } from '@azure/keyvault-secrets';

/** What every client is made with. */
export interface Connection {
  readonly credential: TokenCredential;
  /** Every request goes through it. */
  readonly httpClient: HttpClient;
  readonly vaultSuffix: string;
  readonly managementUrl: string;
  readonly managementScope: string;
}

/** Single calls are retried by the engine, on durable timers, where everybody can see it. */
const NO_RETRY = { maxRetries: 0 } as const;
/** A listing of many pages would begin again at its first; it retries a page by itself. */
const PAGE_RETRY = { maxRetries: 5, maxRetryDelayInMs: 20_000 } as const;

/** Clients by vault and subscription, each made once and kept for its connections and tokens. */
export class AzureClients {
  readonly #connection: Connection;
  readonly #kept = new Map<string, unknown>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** `vault` is a name from configuration, never from an event or a request. */
  vault(vault: string, use: 'call' | 'list' = 'call'): CertificateClient {
    return this.#keep(`vault ${use} ${vault}`, () => {
      const { credential, httpClient, vaultSuffix } = this.#connection;
      return new CertificateClient(`https://${vault}.${vaultSuffix}`, credential, {
        httpClient,
        retryOptions: use === 'call' ? NO_RETRY : PAGE_RETRY,
      });
    });
  }

  /** The secrets behind a vault's certificates; see {@link vault}. */
  vaultSecrets(vault: string): SecretClient {
    return this.#keep(`secrets ${vault}`, () => {
      const { credential, httpClient, vaultSuffix } = this.#connection;
      return new SecretClient(`https://${vault}.${vaultSuffix}`, credential, {
        httpClient,
        // Both vault clients speak one version; by itself this one asks for a newer.
        serviceVersion: '2025-07-01',
        retryOptions: NO_RETRY,
      });
    });
  }

  apiManagement(subscriptionId: string, use: 'call' | 'list' = 'call'): ApiManagementClient {
    return this.#keep(`apim ${use} ${subscriptionId}`, () => {
      const { credential } = this.#connection;
      return new ApiManagementClient(credential, subscriptionId, {
        ...this.#management(),
        retryOptions: use === 'call' ? NO_RETRY : PAGE_RETRY,
      });
    });
  }

  keyVaultResources(subscriptionId: string): KeyVaultManagementClient {
    return this.#keep(`kv ${subscriptionId}`, () => {
      const { credential } = this.#connection;
      return new KeyVaultManagementClient(credential, subscriptionId, {
        ...this.#management(),
        retryOptions: NO_RETRY,
      });
    });
  }

  authorization(subscriptionId: string): AuthorizationManagementClient {
    return this.#keep(`authorization ${subscriptionId}`, () => {
      const { credential } = this.#connection;
      return new AuthorizationManagementClient(credential, subscriptionId, {
        ...this.#management(),
        retryOptions: PAGE_RETRY,
      });
    });
  }

  #management(): {
    endpoint: string;
    $host: string;
    credentialScopes: string;
    credentials: { scopes: string[] };
    httpClient: HttpClient;
  } {
    const { httpClient, managementUrl, managementScope } = this.#connection;
    return {
      // The two generations of management clients name the same thing differently.
      endpoint: managementUrl,
      $host: managementUrl,
      credentialScopes: managementScope,
      credentials: { scopes: [managementScope] },
      httpClient,
    };
  }

  #keep<Client>(key: string, make: () => Client): Client {
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept as Client; // each key is only ever made with one type
    const made = make();
    this.#kept.set(key, made);
    return made;
  }
}
