import { TerminalError } from '../../../shared/domain/errors.ts';
import type {
  ListedVersion,
  ReadCertificate,
  VaultWriter,
} from '../../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { findCurrent } from '../current-version.ts';
import type { Asker } from './asker.ts';
import { bringIntoVault, type Brought } from './bring-into-vault.ts';
import { requireMayChange } from './decide-targets.ts';
import { unfinished, type UploadPorts, type WhatFollows } from './upload-certificate.ts';

export interface RollbackPorts extends UploadPorts {
  readonly writer: Pick<VaultWriter, 'import' | 'recoverDeleted' | 'readPfx'>;
}

/** Where things stand after a roll-back. */
export interface RolledBack extends Brought {
  readonly id: string;
  /** The earlier version whose certificate is the current one again. */
  readonly rolledBackTo: string;
  readonly read: ReadCertificate | undefined;
}

/**
 * Makes the certificate of an earlier version the newest one again, under the tags of the current
 * version, and asks for a sync. Its private key travels from the vault to the vault within this call.
 *
 * Thrown before anything is changed: TerminalError `SOURCE_NOT_FOUND`, `VERSION_NOT_FOUND`,
 * `VERSION_DISABLED`, `CERTIFICATE_EXPIRED`, `CERTIFICATE_NOT_EXPORTABLE`, or that the caller may
 * not; after it: TransientError `UPLOAD_UNFINISHED`.
 *
 * @param version the one before the current one when it is left out
 */
export async function rollbackCertificate(
  ports: RollbackPorts,
  asked: { readonly source: Source; readonly version: string | undefined; readonly asker: Asker },
  next: WhatFollows,
): Promise<RolledBack> {
  const { source, asker } = asked;
  const { bindings } = await ports.ledger.ofSource(source);
  requireMayChange(ports.rules, source, bindings, asker);
  const now = ports.now();
  const versions = await ports.vaults.versions(source);
  const current = await findCurrent(ports.vaults, source, versions);
  const chosen = chooseVersion(source, { versions, current }, asked.version, now);
  const { pfx, thumbprint } = await ports.writer.readPfx(source, chosen.version);
  let read: ReadCertificate | undefined;
  let brought: Brought;
  try {
    read = await readBack(ports, source, chosen, pfx);
    // Before the event of the import can be there: what was asked for by somebody is not suspect.
    await ports.ledger.goBack(source, { thumbprint, by: asker.by, at: now.toISOString() });
    brought = await bringIntoVault(ports, {
      source,
      thumbprint,
      toPfx: () => pfx,
      tags: {},
      as: 'version',
      recover: false,
      binds: false,
    });
  } finally {
    pfx.fill(0);
  }
  try {
    await ports.history.add({
      source,
      at: now.toISOString(),
      what: 'rollback',
      by: asker.by,
      version: brought.version,
      detail: `Rolled back to what was version ${chosen.version}.`,
    });
    const { id } = await next.start();
    return { ...brought, id, rolledBackTo: chosen.version, read };
  } catch (error) {
    throw unfinished(source, brought, error, next);
  }
}

/** The version that was asked for, or the last usable one that holds another certificate. */
function chooseVersion(
  source: Source,
  { versions, current }: { versions: readonly ListedVersion[]; current: string | undefined },
  wanted: string | undefined,
  now: Date,
): ListedVersion {
  const inPlace = versions.find(({ version }) => version === current);
  if (inPlace === undefined) throw sourceNotFound(source);
  if (wanted === undefined) {
    const usable = versions.find(
      (one) => one.enabled && !hasExpired(one, now) && one.thumbprint !== inPlace.thumbprint,
    );
    if (usable === undefined) throw noneBefore(source);
    return usable;
  }
  const chosen = versions.find(({ version }) => version === wanted);
  if (chosen === undefined) throw versionNotFound(source, wanted);
  if (!chosen.enabled) throw versionDisabled(source, chosen);
  if (hasExpired(chosen, now)) throw versionExpired(source, chosen);
  return chosen;
}

function hasExpired({ expiresAt }: ListedVersion, now: Date): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) <= now.getTime();
}

/**
 * What can be told of the certificate. It was good enough to be in place once: only what makes it
 * useless now stands in the way.
 */
async function readBack(
  { read }: Pick<RollbackPorts, 'read'>,
  source: Source,
  { version }: ListedVersion,
  pfx: Uint8Array,
): Promise<ReadCertificate | undefined> {
  try {
    return await read(pfx, undefined);
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    const { code } = error.problem;
    if (code === 'PRIVATE_KEY_MISSING') throw notExportable(source, version);
    if (code === 'CERTIFICATE_EXPIRED' || code === 'CERTIFICATE_NOT_YET_VALID') throw error;
    return undefined;
  }
}

/** There is none in the vault under this name. */
export function sourceNotFound(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'SOURCE_NOT_FOUND',
    message: `There is no certificate ${name}.`,
    resource: name,
    cure: `Correct the name; if it was deleted, recover it: az keyvault certificate recover --vault-name ${source.vault} --name ${source.name}`,
  });
}

function noneBefore(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'VERSION_NOT_FOUND',
    message: `${name} has no earlier version that is enabled, valid and another certificate than the current one.`,
    resource: name,
    cure: 'Name the version to go back to, or upload the certificate that you want as a new version.',
  });
}

function versionNotFound(source: Source, version: string): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'VERSION_NOT_FOUND',
    message: `${name} has no version ${version.slice(0, 60)}.`,
    resource: name,
    cure: `Look at the versions that it has: GET /api/certificates/${name}`,
  });
}

function versionDisabled(source: Source, { version }: ListedVersion): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'VERSION_DISABLED',
    message: `The version ${version} of ${name} is disabled, so nobody can read it.`,
    resource: name,
    cure: `Enable it: az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name} --version ${version} --enabled true`,
  });
}

function versionExpired(source: Source, { version, expiresAt }: ListedVersion): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'CERTIFICATE_EXPIRED',
    message: `The version ${version} of ${name} has expired, at ${expiresAt ?? ''}.`,
    resource: name,
    cure: 'Choose another version, or upload a certificate that is valid.',
  });
}

function notExportable(source: Source, version: string): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'CERTIFICATE_NOT_EXPORTABLE',
    message: `The private key of the version ${version} of ${name} is not exportable, so it cannot be made the newest again.`,
    resource: name,
    cure: 'Choose another version, or upload the certificate from where its key is kept.',
  });
}
