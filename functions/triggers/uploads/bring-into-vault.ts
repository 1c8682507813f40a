import { readAskedTargets } from '../../../shared/domain/asked-targets.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Absences, Vaults, VaultWriter } from '../../../shared/domain/vault-ports.ts';
import {
  formatSource,
  type Source,
  type SourceObservation,
} from '../../../shared/domain/source.ts';

export interface VaultPorts {
  readonly vaults: Pick<Vaults, 'readCurrent' | 'versions'> & Absences;
  readonly writer: Pick<VaultWriter, 'import' | 'recoverDeleted'>;
}

export interface Wanted {
  readonly source: Source;
  /** SHA-1, 40 upper-case hex digits. */
  readonly thumbprint: string;
  /** PKCS#12 with an empty password. Made at the last moment. */
  readonly toPfx: () => Uint8Array;
  readonly tags: Readonly<Record<string, string>>;
  /** `new` = under a name that is free; `version` = of a certificate that is there. */
  readonly as: 'new' | 'version';
  readonly recover: boolean;
  /** Whether targets are asked for, which a tag may forbid. */
  readonly binds: boolean;
}

/** Where the certificate is in the vault now. */
export interface Brought {
  /** False when the vault had that very certificate as its current version already. */
  readonly imported: boolean;
  readonly version: string;
}

/**
 * Makes a certificate the current version of its source. What is there already is not imported a
 * second time, so that the same file twice does one thing once. A new version keeps the tags of the
 * one before it.
 *
 * Thrown before anything is changed: TerminalError `CERTIFICATE_EXISTS`, `SOURCE_NOT_FOUND`,
 * `NAME_SOFT_DELETED`, `CERTIFICATE_PENDING`, `TAG_FORBIDS`; or what the vault answers.
 */
export async function bringIntoVault(ports: VaultPorts, wanted: Wanted): Promise<Brought> {
  const { source, thumbprint } = wanted;
  let there = await ports.vaults.readCurrent(source);
  if (there.kind === 'missing') {
    const absence = await ports.vaults.absence(source);
    if (absence === 'pending') throw pending(source);
    if (absence === 'deleted') {
      if (!wanted.recover) throw softDeleted(source);
      await ports.writer.recoverDeleted(source);
      there = await ports.vaults.readCurrent(source);
    } else if (wanted.as === 'version') {
      throw nothingThere(source);
    }
  } else if (wanted.as === 'new' && !holds(there, thumbprint)) {
    throw existsAlready(source);
  }
  const tags = { ...(await tagsOf(ports, source, there)), ...wanted.tags };
  if (wanted.binds) requireNoTagAgainst(source, tags);
  if (there.kind === 'present' && holds(there, thumbprint)) {
    return { imported: false, version: there.current.version };
  }
  return await importOnce(ports, wanted, tags);
}

function holds(there: SourceObservation, thumbprint: string): boolean {
  return (
    there.kind === 'present' && there.current.enabled && there.current.thumbprint === thumbprint
  );
}

/** A disabled version may keep its tags to itself; the list of versions shows them. */
async function tagsOf(
  { vaults }: VaultPorts,
  source: Source,
  there: SourceObservation,
): Promise<Readonly<Record<string, string>>> {
  if (there.kind === 'present') return there.current.tags;
  if (there.kind === 'missing') return {};
  const [newest] = await vaults.versions(source);
  return newest?.tags ?? {};
}

/** A vault that took the certificate and could not say so has taken it all the same. */
async function importOnce(
  { vaults, writer }: VaultPorts,
  { source, thumbprint, toPfx }: Wanted,
  tags: Readonly<Record<string, string>>,
): Promise<Brought> {
  const pfx = toPfx();
  try {
    const { version } = await writer.import(source, pfx, tags);
    return { imported: true, version };
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    const now = await vaults.readCurrent(source).catch(() => undefined);
    if (now?.kind !== 'present' || !holds(now, thumbprint)) throw error;
    return { imported: true, version: now.current.version };
  } finally {
    pfx.fill(0);
  }
}

/**
 * Thrown when the tags say that nothing is to be bound: TerminalError `TAG_FORBIDS`. A sync would
 * keep its hands off.
 */
export function requireNoTagAgainst(source: Source, tags: Readonly<Record<string, string>>): void {
  const { kind } = readAskedTargets(tags, source);
  if (kind !== 'ignore' && kind !== 'unbind') return;
  const tag = kind === 'ignore' ? 'certkeeper: ignore' : 'certkeeper-targets: none';
  const name = formatSource(source);
  throw new TerminalError({
    code: 'TAG_FORBIDS',
    message: `The tag ${tag} stands on ${name}, so Certkeeper binds it to nothing.`,
    resource: name,
    cure: `Take the tag off its current version: az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name} --tags {the other tags}`,
  });
}

function existsAlready(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'CERTIFICATE_EXISTS',
    message: `There is another certificate ${name} already; nothing was imported.`,
    resource: name,
    cure: `Choose another name, or make this its new version: PUT /api/certificates/${name}`,
  });
}

function nothingThere(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'SOURCE_NOT_FOUND',
    message: `There is no certificate ${name} that could get a new version.`,
    resource: name,
    cure: 'Correct the name, or upload it as a new one: POST /api/certificates.',
  });
}

function softDeleted(source: Source): TerminalError {
  const { vault, name } = source;
  return new TerminalError({
    code: 'NAME_SOFT_DELETED',
    message: `A deleted certificate still holds the name ${name} in ${vault}; nothing was imported.`,
    resource: formatSource(source),
    cure: `Recover it and add this as its new version: ask again with recover=true. Or give it up for good: az keyvault certificate purge --vault-name ${vault} --name ${name}`,
  });
}

function pending(source: Source): TerminalError {
  const name = formatSource(source);
  return new TerminalError({
    code: 'CERTIFICATE_PENDING',
    message: `The first version of ${name} is still being issued; nothing was imported.`,
    resource: name,
    cure: 'Wait for it, or choose another name.',
  });
}
