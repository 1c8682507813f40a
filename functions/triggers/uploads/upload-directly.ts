import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { Binding } from '../../../shared/domain/binding.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../../shared/domain/target-ports.ts';
import type { ReadCertificate, UploadReader } from '../../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  type CertificateTarget,
} from '../../../shared/domain/target.ts';
import type { InstalledCertificate } from '../../../shared/domain/target-state.ts';
import type { Asker } from './asker.ts';
import { takeClaim } from './bind-targets.ts';
import { decideTargets, type DecidedTarget, type DecideTargetsPorts } from './decide-targets.ts';
import { noteWithoutVault } from './note-without-vault.ts';
import { unfinishedAt } from './unfinished-at.ts';

export interface DirectPorts extends Omit<DecideTargetsPorts, 'ledger'> {
  readonly ledger: Ledger;
  readonly history: Pick<History, 'add'>;
  readonly pushed: Pick<PushedCertificates, 'observe' | 'push' | 'remove'>;
  readonly read: UploadReader;
  readonly now: () => Date;
}

/** An upload that goes to its targets and into no vault. */
export interface DirectUpload {
  /** Of the vault `none`: the name by which the ledger and `CERTKEEPER_ALLOW` know it. */
  readonly source: Source;
  readonly file: Uint8Array;
  readonly password: string | undefined;
  readonly paths: readonly string[];
  readonly takeOver: boolean;
  readonly asker: Asker;
}

export interface InstalledDirectly {
  readonly leaf: CertificateLooks;
  readonly chain: readonly CertificateLooks[];
  readonly warnings: readonly Problem[];
  readonly targets: readonly {
    readonly target: string;
    readonly outcome: 'attached' | 'rotated' | 'current';
    readonly thumbprint: string;
  }[];
}

/**
 * Puts a certificate at its targets as data, within the call, since nothing but a vault may keep
 * its key. The ledger keeps what is public of it, and that it will not rotate. The same name again
 * replaces what was put there under it.
 *
 * Thrown before anything is changed: what {@link decideTargets} throws, what the file is refused
 * for, or TerminalError `TARGET_TAKEN`. Thrown when it is at some targets and not at all:
 * TransientError `UPLOAD_UNFINISHED`, which says where it is.
 */
export async function uploadDirectly(
  ports: DirectPorts,
  upload: DirectUpload,
): Promise<InstalledDirectly> {
  const { source, paths, takeOver, asker } = upload;
  const { bindings } = await ports.ledger.ofSource(source);
  const decided = await decideTargets(ports, { source, paths, takeOver, bindings, asker });
  const read = await ports.read(upload.file, upload.password);
  const places: Place[] = [];
  for (const one of decided) {
    places.push(await lookAt(ports, source, one, read.leaf.thumbprint));
  }
  const done: InstalledDirectly['targets'][number][] = [];
  try {
    for (const place of places) done.push(await install(ports, source, place, read));
  } catch (error) {
    if (done.length === 0) throw error;
    throw unfinishedAt(source, done, 'is at', error);
  } finally {
    if (done.length > 0) {
      await noteWithoutVault(ports, {
        ...{ source, asker, looks: read.leaf, done, problem: notRotating(source) },
        detail: 'Uploaded without a vault: it will not rotate.',
      });
    }
  }
  return {
    leaf: read.leaf,
    chain: read.chain,
    warnings: [notRotating(source), ...read.warnings],
    targets: done,
  };
}

interface Place extends DecidedTarget {
  readonly target: CertificateTarget;
  readonly known: Binding | undefined;
  readonly installed: InstalledCertificate | undefined;
}

/** Thrown when something else is there that was not put there under this name: TARGET_TAKEN. */
async function lookAt(
  { ledger, pushed }: DirectPorts,
  source: Source,
  decided: DecidedTarget,
  thumbprint: string,
): Promise<Place> {
  const { target } = decided;
  if (!isCertificateTarget(target)) throw notDirectly(target);
  const known = await ledger.binding(source, target);
  const state = await pushed.observe(target);
  const installed = state.kind === 'present' ? state.installed : undefined;
  const before = known?.claimed === true ? known.pushed?.thumbprint : undefined;
  // The very same may stay, whoever put it there.
  const ours =
    installed?.reference.kind === 'uploaded' && [before, thumbprint].includes(installed.thumbprint);
  if (installed !== undefined && !ours && decided.takeOver !== true) throw taken(source, target);
  return { ...decided, target, known, installed };
}

/** A store of CA certificates takes its uploads elsewhere. */
function notDirectly(target: DecidedTarget['target']): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_UNSUPPORTED',
    message: `Nothing is put at ${path} without a vault in this way.`,
    resource: path,
    cure: 'For CA certificates: POST /api/services/{service}/ca-certificates. For the keys of applications: POST /api/management-certificates.',
  });
}

async function install(
  { ledger, pushed, now }: DirectPorts,
  source: Source,
  { target, known, installed, allowedBy, takeOver }: Place,
  { leaf, toPfx }: ReadCertificate,
): Promise<InstalledDirectly['targets'][number]> {
  if (takeOver === true) await takeClaim(ledger, source, target);
  else if ((await ledger.claim(source, target)) === 'taken') throw taken(source, target);
  const isThere =
    installed?.reference.kind === 'uploaded' && installed.thumbprint === leaf.thumbprint;
  let result = installed;
  if (!isThere) {
    const pfx = toPfx();
    try {
      result = await pushed.push(target, pfx, installed?.etag ?? starIf(installed));
    } catch (error) {
      if (known === undefined) await ledger.release(source, [target]);
      throw error;
    } finally {
      pfx.fill(0);
    }
  }
  const at = now().toISOString();
  const etag = result?.etag;
  await ledger.saveBinding({
    source,
    target,
    origin: 'http',
    claimed: true,
    status: 'verified',
    versionless: false,
    ...(allowedBy === undefined ? {} : { allowedBy }),
    pushed: { thumbprint: leaf.thumbprint, ...(etag === undefined ? {} : { etag }) },
    targetThumbprint: requireSame(target, leaf, result),
    verifiedAt: at,
    ...(isThere ? {} : { changedAt: at }),
  });
  const outcome = isThere ? 'current' : installed === undefined ? 'attached' : 'rotated';
  return { target: formatTarget(target), outcome, thumbprint: leaf.thumbprint };
}

/** Every answer is documented to carry one. */
function starIf(installed: InstalledCertificate | undefined): string | undefined {
  return installed === undefined ? undefined : '*';
}

/** Thrown when API Management reports another certificate than the one it was sent. */
function requireSame(
  target: CertificateTarget,
  { thumbprint }: CertificateLooks,
  installed: InstalledCertificate | undefined,
): string {
  if (installed?.thumbprint === thumbprint) return thumbprint;
  throw new TerminalError({
    code: 'NOT_VERIFIED',
    message: `API Management reports ${installed?.thumbprint ?? 'no thumbprint'} at ${formatTarget(target)} after ${thumbprint} was put there.`,
    resource: formatTarget(target),
    cure: 'Upload it again; look at who else writes this certificate.',
  });
}

/** What every report says of a certificate that no vault holds. */
export function notRotating(source: Source): Problem {
  const name = formatSource(source);
  return {
    code: 'NOT_ROTATING',
    message: `${name} is in no vault, so it will not rotate: it stays at its targets until somebody uploads another.`,
    resource: name,
    cure: 'Upload it into a vault under care instead, and detach this one.',
  };
}

function taken(source: Source, target: DecidedTarget['target']): TerminalError {
  const path = formatTarget(target);
  return new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} exists and was not put there as ${formatSource(source)}; it was left as it is.`,
    resource: path,
    cure: 'Choose another id for it, remove what is there, or let somebody with the role Certkeeper.Manage take it over (takeOver).',
  });
}
