/** Simulated Key Vault: certificates of several vaults, and the secrets behind them. */
import {
  AzureFault,
  type AccessDecider,
  type AzureRequest,
  type AzureResponse,
  type AzureService,
  type EventSink,
  type VaultReader,
  type World,
} from '../service.ts';
import { authenticate, requireLineOfSight } from './access.ts';
import { awaitIssue } from './create-certificate.ts';
import { makeDocuments } from './documents.ts';
import { makeExpiryWatch } from './expiry.ts';
import { badParameter } from './faults.ts';
import { defineKeyVaultSettings } from './key-vault-settings.ts';
import { makeNewVersions } from './new-version.ts';
import { route } from './routes.ts';
import { makeVaultReader } from './vault-reader.ts';
import type { KeyVaultParts, VaultCall } from './vault-call.ts';

const HOST = /^([a-z0-9-]+)\.vault\.azure\.net$/;
const NEWEST_VERSION = '2025-07-01';
/** 7.0 to 7.6 and the first one named by date ("Key Vault API versions"). */
const API_VERSION = /^(7\.[0-6](-preview\.\d)?|2025-07-01|2016-10-01)$/;

export interface KeyVault {
  readonly service: AzureService;
  readonly vaultReader: VaultReader;
  /** Takes up what was under way when the state was last closed. */
  resume(): void;
  /** Forgets everything of a vault that is gone for good. */
  forget(vaultName: string): void;
}

export function makeKeyVault(world: World, access: AccessDecider, events: EventSink): KeyVault {
  const documents = makeDocuments(world.store);
  const expiry = makeExpiryWatch(world, documents, access, events);
  const newVersions = makeNewVersions(world, documents, events, (certificate) =>
    expiry.watch(certificate),
  );
  const settings = defineKeyVaultSettings(world.settings);
  const parts: KeyVaultParts = { world, settings, access, events, documents, newVersions };

  const callOf = (request: AzureRequest): VaultCall => {
    const name = HOST.exec(request.host)?.[1] ?? '';
    const vault = access.vault(name);
    if (vault === undefined) {
      // Assumed: in Azure the host name does not resolve, which no answer can say.
      throw new AzureFault(404, 'VaultNotFound', `The vault '${name}' could not be found.`);
    }
    authenticate(request, vault.properties.tenantId);
    const { principal } = request;
    if (principal?.kind === 'identity' && settings.stopsCallers(name)) {
      const here = { address: '127.0.0.1', trusted: false };
      requireLineOfSight(vault, principal, here, world.tenantId);
    }
    const apiVersion = request.query('api-version');
    if (apiVersion === undefined || apiVersion === '') {
      throw badParameter('api-version must be specified');
    }
    if (!API_VERSION.test(apiVersion)) {
      throw badParameter(
        `The specified version (${apiVersion}) is not recognized. Consider using the latest supported version (${NEWEST_VERSION}).`,
      );
    }
    return { ...parts, vault, request };
  };

  return {
    service: {
      name: 'Key Vault ({vault}.vault.azure.net)',
      owns: (host) => HOST.test(host),
      handle: async (request): Promise<AzureResponse> => route(callOf(request)),
    },
    vaultReader: makeVaultReader(world, documents, access),
    resume() {
      expiry.watchAll();
      for (const certificate of documents.list()) awaitIssue(parts, certificate);
    },
    forget(vaultName) {
      for (const certificate of documents.list(vaultName.toLowerCase())) {
        documents.remove(certificate);
      }
    },
  };
}
