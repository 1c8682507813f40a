/** How another Azure service reads a secret: as its identity, through permission and firewall. */
import {
  AzureFault,
  type AccessDecider,
  type VaultReader,
  type VaultResource,
  type World,
} from '../service.ts';
import { PERMISSIONS, requireLineOfSight, requirePermission } from './access.ts';
import type { CertificateDocuments } from './documents.ts';
import { readSecret } from './read-secrets.ts';

const IDENTIFIER =
  /^https:\/\/([a-z0-9-]+)\.vault\.azure\.net(?::443)?\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-zA-Z]*))?$/i;

/** From the block for documentation (RFC 5737): an address that no rule names by accident. */
const SERVICE_ADDRESS = '203.0.113.1';

export function makeVaultReader(
  world: World,
  documents: CertificateDocuments,
  access: AccessDecider,
): VaultReader {
  return {
    readSecret(secretIdentifier, as) {
      const [, host, name, version] = IDENTIFIER.exec(secretIdentifier) ?? [];
      const vault = host === undefined ? undefined : access.vault(host);
      if (vault === undefined || name === undefined) {
        return Promise.resolve({
          kind: 'refused',
          status: 404,
          code: 'VaultNotFound', // assumed: in Azure the host name does not resolve
          message: `The vault of '${secretIdentifier}' could not be found.`,
        });
      }
      return Promise.resolve(
        answer(() => {
          check(vault, name, as);
          const found = readSecret(
            { documents, world },
            vault.name.toLowerCase(),
            name,
            version === '' ? undefined : version,
          );
          return {
            id: `https://${vault.name.toLowerCase()}.vault.azure.net/secrets/${found.certificate.name}/${found.version.version}`,
            contentType: found.version.contentType,
            value: found.value,
          };
        }),
      );
    },
  };

  function check(
    vault: VaultResource,
    name: string,
    as: Parameters<VaultReader['readSecret']>[1],
  ): void {
    const trusted = as.kind === 'systemAssigned';
    const origin = { address: SERVICE_ADDRESS, trusted, service: as.service };
    requireLineOfSight(vault, as, origin, world.tenantId);
    requirePermission(access, as, vault, PERMISSIONS.getSecret, `/secrets/${name}`, world.tenantId);
  }
}

/** A refusal is answered with the inner code, which is the one that says why. */
function answer(
  read: () => { id: string; contentType: string; value: string },
): Awaited<ReturnType<VaultReader['readSecret']>> {
  try {
    return { kind: 'read', ...read() };
  } catch (error) {
    if (!(error instanceof AzureFault)) throw error;
    const inner = error.innerError?.['code'];
    return {
      kind: 'refused',
      status: error.status,
      code: typeof inner === 'string' ? inner : error.code,
      message: error.message,
    };
  }
}
