import type { KeyVaultCertificate } from '@azure/keyvault-certificates';
import type { AzureClients } from './azure-clients.ts';
import type { CaredFor } from './cared-for.ts';
import { saysDisabled, toThumbprint } from './key-vault.ts';
import { allowOwnAtVault } from './own-rights.ts';
import { statusOf, toDomainError, type Attempt } from './to-domain-error.ts';
import { TerminalError, type ProblemCode } from '../domain/errors.ts';
import { readUpload } from '../certificates/read-upload.ts';
import type { SourcePfx } from '../domain/vault-ports.ts';
import { formatSource, type Source } from '../domain/source.ts';

/** The content type under which API Management reads a certificate. */
export const PKCS12 = 'application/x-pkcs12';
/** The other form in which Key Vault keeps certificates. */
const PEM = 'application/x-pem-file';

/**
 * Reads a version with its private key: the certificate first, then the secret of that very
 * version, since what is newest may change between the two calls. See `VaultWriter.readPfx`.
 */
export async function readPfx(
  clients: AzureClients,
  vault: CaredFor,
  source: Source,
  version: string | undefined,
): Promise<SourcePfx> {
  const { version: found, thumbprint } = await readCertificate(clients, vault, source, version);
  const { value, contentType } = await readSecret(clients, vault, source, found);
  if (contentType !== PKCS12) throw wrongType(source);
  return { pfx: Buffer.from(value, 'base64'), thumbprint, version: found };
}

/**
 * Reads the current version's secret. Certificate and secret have their versions in common ("About
 * Azure Key Vault certificates"), so a version that was seen before needs no second call. A
 * certificate that is kept as PEM is answered as PKCS#12.
 */
export async function readCurrentPfx(
  clients: AzureClients,
  vault: CaredFor,
  source: Source,
  seen: { readonly version: string; readonly thumbprint: string },
): Promise<SourcePfx> {
  const { value, contentType, version } = await readSecret(clients, vault, source, undefined);
  const known =
    version === seen.version ? seen : await readCertificate(clients, vault, source, version);
  const pfx = contentType === PKCS12 ? Buffer.from(value, 'base64') : await fromPem(source, value);
  return { pfx, thumbprint: known.thumbprint, version: known.version };
}

/** Thrown when the file could not be uploaded either: TerminalError, see `readUpload`. */
async function fromPem(source: Source, text: string): Promise<Uint8Array> {
  try {
    return (await readUpload(Buffer.from(text), undefined)).toPfx();
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    // What is wrong with a file is wrong with the version in the vault.
    const { problem } = error;
    const message = `${formatSource(source)} is kept as PEM and cannot be made into PKCS#12. ${problem.message}`;
    throw new TerminalError({ ...problem, message, resource: formatSource(source) });
  }
}

async function readSecret(
  clients: AzureClients,
  vault: CaredFor,
  source: Source,
  version: string | undefined,
): Promise<{ value: string; contentType: string; version: string | undefined }> {
  try {
    const { value, properties } = await clients
      .vaultSecrets(vault.name)
      .getSecret(source.name, version === undefined ? {} : { version });
    const { contentType = PKCS12, version: found } = properties;
    if (value === undefined || (contentType !== PKCS12 && contentType !== PEM)) {
      throw wrongType(source);
    }
    return { value, contentType, version: found };
  } catch (error) {
    if (statusOf(error) === 404) throw notFound(source, version);
    if (saysDisabled(error)) throw disabled(source, version);
    throw toDomainError(error, mayReadSecrets(vault, source));
  }
}

async function readCertificate(
  clients: AzureClients,
  vault: CaredFor,
  source: Source,
  version: string | undefined,
): Promise<{ version: string; thumbprint: string }> {
  const client = clients.vault(vault.name);
  let certificate: KeyVaultCertificate;
  try {
    if (version === undefined) {
      const current = await client.getCertificate(source.name);
      // The policy is that of the newest version; an older one's own may have been another.
      if (current.policy?.exportable === false) throw notExportable(source);
      certificate = current;
    } else {
      certificate = await client.getCertificateVersion(source.name, version);
    }
  } catch (error) {
    if (statusOf(error) === 404) throw notFound(source, version);
    if (saysDisabled(error)) throw disabled(source, version);
    throw toDomainError(error, mayReadCertificates(vault, source));
  }
  const { properties } = certificate;
  const thumbprint = toThumbprint(properties);
  // While the first version is still being issued there is nothing to read.
  if (properties.version === undefined || thumbprint === undefined) {
    throw notFound(source, version);
  }
  if (properties.enabled === false) throw disabled(source, properties.version);
  return { version: properties.version, thumbprint };
}

/** The data action is `secrets/getSecret`: a role that reads certificates does not have it. */
function mayReadSecrets(vault: CaredFor, source: Source): Attempt {
  return {
    resource: vault.id,
    doing: `read the private key of ${formatSource(source)}`,
    grant: allowOwnAtVault('Key Vault Certificate User', vault, { secrets: 'get' }),
  };
}

function mayReadCertificates(vault: CaredFor, source: Source): Attempt {
  return {
    resource: vault.id,
    doing: `read ${formatSource(source)}`,
    grant: allowOwnAtVault('Key Vault Certificate User', vault, {
      certificates: 'get',
      secrets: 'get',
    }),
  };
}

function refusal(
  code: ProblemCode,
  source: Source,
  message: (name: string) => string,
  cure: string,
): TerminalError {
  const resource = formatSource(source);
  return new TerminalError({ code, message: message(resource), resource, cure });
}

function notFound(source: Source, version: string | undefined): TerminalError {
  return refusal(
    'SOURCE_NOT_FOUND',
    source,
    (name) => `There is no certificate ${name}${version === undefined ? '' : ` ${version}`}.`,
    'Import it into the vault, or correct its name or version.',
  );
}

function disabled(source: Source, version: string | undefined): TerminalError {
  return refusal(
    'CURRENT_VERSION_DISABLED',
    source,
    (name) =>
      version === undefined
        ? `The current version of ${name} is disabled.`
        : `The version ${version} of ${name} is disabled.`,
    'Enable it, or import a new version.',
  );
}

function notExportable(source: Source): TerminalError {
  return refusal(
    'CERTIFICATE_NOT_EXPORTABLE',
    source,
    (name) => `The private key of ${name} is not exportable, so nobody can read it from the vault.`,
    'Make a new version whose policy lets the key be exported.',
  );
}

function wrongType(source: Source): TerminalError {
  return refusal(
    'CERTIFICATE_WRONG_TYPE',
    source,
    (name) => `${name} is not kept as PKCS#12.`,
    `Import it as PKCS#12 (content type ${PKCS12}).`,
  );
}
