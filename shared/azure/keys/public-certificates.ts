import type { AzureClients } from '../azure-clients.ts';
import { requireVault, type CaredFor } from '../cared-for.ts';
import { saysDisabled } from '../key-vault.ts';
import { allowOwnAtVault } from '../own-rights.ts';
import { statusOf, toDomainError } from '../to-domain-error.ts';
import { readLooks } from '../../certificates/read-looks.ts';
import { TerminalError } from '../../domain/errors.ts';
import type { PublicCertificates } from '../../domain/key-ports.ts';
import { formatSource, type Source } from '../../domain/source.ts';

/** Reads what is public of certificates in the vaults under care. */
export function makePublicCertificates(
  clients: AzureClients,
  vaults: readonly CaredFor[],
): PublicCertificates {
  return {
    async readPublic(source) {
      const vault = requireVault(vaults, source.vault);
      try {
        const { cer, properties, policy } = await clients
          .vault(vault.name)
          .getCertificate(source.name);
        const { version, createdOn, enabled, tags } = properties;
        // While the first version is still being issued there is nothing to read.
        if (cer === undefined || version === undefined) throw notFound(source);
        if (enabled === false) throw disabled(source);
        const looks = readLooks(cer);
        return {
          version,
          createdAt: (createdOn ?? new Date(0)).toISOString(),
          thumbprint: looks.thumbprint,
          der: Buffer.from(cer).toString('base64'),
          startsAt: looks.notBefore,
          expiresAt: looks.notAfter,
          looks,
          tags: { ...tags },
          ...(policy?.exportable === false ? { notExportable: true } : {}),
        };
      } catch (error) {
        if (statusOf(error) === 404) throw notFound(source);
        if (saysDisabled(error)) throw disabled(source);
        throw toDomainError(error, {
          resource: vault.id,
          doing: `read ${formatSource(source)}`,
          grant: allowOwnAtVault('Key Vault Reader', vault, { certificates: 'get list' }),
        });
      }
    },
  };
}

function notFound(source: Source): TerminalError {
  return new TerminalError({
    code: 'SOURCE_NOT_FOUND',
    message: `There is no certificate ${formatSource(source)}.`,
    resource: formatSource(source),
    cure: 'Import it into the vault, or correct its name.',
  });
}

function disabled(source: Source): TerminalError {
  return new TerminalError({
    code: 'CURRENT_VERSION_DISABLED',
    message: `The current version of ${formatSource(source)} is disabled.`,
    resource: formatSource(source),
    cure: 'Enable it, or import a new version.',
  });
}
