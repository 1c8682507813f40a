import { isRestError } from '@azure/core-rest-pipeline';
import type { ImportCertificateOptions } from '@azure/keyvault-certificates';
import type { AzureClients } from './azure-clients.ts';
import { requireVault, type CaredFor } from './cared-for.ts';
import { toThumbprint } from './key-vault.ts';
import { allowOwnAtVault } from './own-rights.ts';
import { serviceError, statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { PKCS12, readCurrentPfx, readPfx } from './vault-pfx.ts';
import { TerminalError, TransientError, type ProblemCode } from '../domain/errors.ts';
import type { VaultWriter } from '../domain/vault-ports.ts';
import { formatSource, type Source } from '../domain/source.ts';

/** How long a recovery is waited for; it goes on in the vault whoever waits. */
export interface RecoveryWait {
  readonly milliseconds: number;
  readonly pauseMilliseconds: number;
}

/**
 * Recoveries are usually done in seconds, and at times are not (azure-sdk-for-net#39258); the
 * platform gives an HTTP call 230 seconds.
 */
const RECOVERY_WAIT: RecoveryWait = { milliseconds: 60_000, pauseMilliseconds: 1_000 };

/** What needs more than reading certificates, in the vaults under care. */
export function makeVaultWriter(
  clients: AzureClients,
  vaults: readonly CaredFor[],
  recoveryWait = RECOVERY_WAIT,
): VaultWriter {
  return {
    async readPfx(source, version) {
      return await readPfx(clients, requireVault(vaults, source.vault), source, version);
    },

    async readCurrentPfx(source, seen) {
      return await readCurrentPfx(clients, requireVault(vaults, source.vault), source, seen);
    },

    async import(source, pfx, tags) {
      const vault = requireVault(vaults, source.vault);
      const client = clients.vault(vault.name);
      try {
        // Two first requests at once on a fresh client can go out without a body (measured with
        // keyvault-certificates 4.10.3); a read has none to lose. What it answers does not matter.
        await client.getCertificate(source.name).catch(() => undefined);
        const { properties } = await client.importCertificate(source.name, pfx, toOptions(tags));
        const thumbprint = toThumbprint(properties);
        if (properties.version === undefined || thumbprint === undefined) {
          throw new TransientError(noVersion(vault, source));
        }
        return { version: properties.version, thumbprint };
      } catch (error) {
        throw toImportError(error, vault, source);
      }
    },

    async recoverDeleted(source) {
      const vault = requireVault(vaults, source.vault);
      const { milliseconds, pauseMilliseconds } = recoveryWait;
      try {
        const poller = await clients
          .vault(vault.name)
          .beginRecoverDeletedCertificate(source.name, { intervalInMs: pauseMilliseconds });
        for (let waited = 0; !poller.isDone(); waited += pauseMilliseconds) {
          if (waited >= milliseconds) throw new TransientError(stillRecovering(source));
          await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
          await poller.poll();
        }
      } catch (error) {
        if (statusOf(error) === 404) throw nothingToRecover(source);
        throw toDomainError(error, mayChange(vault, `recover ${formatSource(source)}`));
      }
    },
  };
}

/**
 * `importCertificate` sends neither `policy` nor `enabled`; under the names of its generated layer
 * it does (measured with keyvault-certificates 4.10.3). The public type knows only the former.
 */
function toOptions(tags: Readonly<Record<string, string>>): ImportCertificateOptions {
  const options = {
    tags: { ...tags },
    certificatePolicy: {
      secretProperties: { contentType: PKCS12 },
      keyProperties: { exportable: true },
    },
    certificateAttributes: { enabled: true },
  };
  return options;
}

function toImportError(error: unknown, vault: CaredFor, source: Source): Error {
  const name = formatSource(source);
  const attempt = mayChange(vault, `import ${name}`);
  if (!isRestError(error)) return toDomainError(error, attempt);
  const { message } = serviceError(error);
  if (error.statusCode === 409 && /deleted but recoverable/i.test(message)) {
    return softDeleted(source);
  }
  if (error.statusCode === 409 && /pending/i.test(message)) {
    return refusal(
      'CERTIFICATE_PENDING',
      source,
      `A version of ${name} is still being issued, and the vault takes no other meanwhile.`,
      `Wait for it, or cancel it: az keyvault certificate pending delete --vault-name ${source.vault} --name ${source.name}`,
    );
  }
  if (error.statusCode === 400) {
    return refusal(
      'IMPORT_REFUSED',
      source,
      `Key Vault refused the certificate. It says: ${message}`,
      'Correct the file, or import it by hand to see what the vault accepts.',
    );
  }
  return toDomainError(error, attempt);
}

/** The two ways out of a name that is taken by a deleted certificate. */
export function softDeleted(source: Source): TerminalError {
  const { vault, name } = source;
  return refusal(
    'NAME_SOFT_DELETED',
    source,
    `A deleted certificate still holds the name ${name} in ${vault}; nothing was imported.`,
    `Recover it and add this as its new version: ask again with recover=true. Or give it up for good: az keyvault certificate purge --vault-name ${vault} --name ${name}`,
  );
}

function nothingToRecover(source: Source): TerminalError {
  return refusal(
    'SOURCE_NOT_FOUND',
    source,
    `There is no deleted certificate ${formatSource(source)} to recover.`,
    'Upload it without recover.',
  );
}

function noVersion(vault: CaredFor, source: Source) {
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `The vault took ${formatSource(source)} and did not say as which version.`,
    resource: vault.id,
    cure: 'Ask again: what is in the vault already is not imported twice.',
  } as const;
}

function stillRecovering(source: Source) {
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `The vault is still recovering ${formatSource(source)}; nothing was imported.`,
    resource: formatSource(source),
    cure: `When it is there (az keyvault certificate show --vault-name ${source.vault} --name ${source.name}), upload the file as its new version, with PUT.`,
  } as const;
}

/** Only where Certkeeper imports: to read, it needs less. */
function mayChange(vault: CaredFor, doing: string): Attempt {
  return {
    resource: vault.id,
    doing,
    grant: allowOwnAtVault('Key Vault Certificates Officer', vault, {
      certificates: 'get list import recover',
    }),
  };
}

function refusal(code: ProblemCode, source: Source, message: string, cure: string): TerminalError {
  return new TerminalError({ code, message, resource: formatSource(source), cure });
}
