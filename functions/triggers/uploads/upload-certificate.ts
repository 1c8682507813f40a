import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { CertificateLooks } from '../../../shared/domain/certificate-looks.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { UploadReader } from '../../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import { onSuspectOf, type SuspectPolicy } from '../../../shared/domain/suspect-policy.ts';
import { judgeVersion } from '../../../shared/domain/suspect.ts';
import { formatTarget } from '../../../shared/domain/target.ts';
import type { Asker } from './asker.ts';
import { bindTargets } from './bind-targets.ts';
import { bringIntoVault, type Brought, type VaultPorts } from './bring-into-vault.ts';
import {
  decideTargets,
  lookAtTargets,
  requireMayChange,
  type DecidedTarget,
  type DecideTargetsPorts,
  type LookPorts,
} from './decide-targets.ts';

export interface UploadPorts extends VaultPorts, LookPorts, Omit<DecideTargetsPorts, 'ledger'> {
  readonly ledger: Ledger;
  readonly history: Pick<History, 'add'>;
  readonly read: UploadReader;
  readonly onSuspect: SuspectPolicy;
  readonly now: () => Date;
}

/** An upload that is to become a version of a source. */
export interface Upload {
  readonly source: Source;
  readonly file: Uint8Array;
  readonly password: string | undefined;
  readonly paths: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly as: 'new' | 'version';
  readonly recover: boolean;
  readonly takeOver: boolean;
  readonly asker: Asker;
}

/** What only the invocation can do. */
export interface WhatFollows {
  /** Asks for the sync that installs the version. */
  readonly start: () => Promise<{ readonly id: string }>;
  /** Writes down where something failed that nobody foresaw. */
  readonly noteUnforeseen: (error: unknown) => void;
}

/** What was understood of the file, and where things stand. */
export interface Uploaded extends Brought {
  /** The operation that goes on from here. */
  readonly id: string;
  readonly leaf: CertificateLooks;
  readonly chain: readonly CertificateLooks[];
  readonly warnings: readonly Problem[];
  /** Paths of the targets that were asked for. */
  readonly targets: readonly string[];
}

/**
 * From a file to the vault, with everything that may refuse it before anything is changed: who
 * asks, the targets' consent, the targets themselves, the file, the vault. From the import on the
 * certificate travels by its name only.
 *
 * Thrown after the import: TransientError `UPLOAD_UNFINISHED`, which says what is done and what is
 * not. Thrown before: whatever refused it; then nothing has changed.
 */
export async function uploadCertificate(
  ports: UploadPorts,
  upload: Upload,
  next: WhatFollows,
): Promise<Uploaded> {
  const { source, paths, takeOver, asker } = upload;
  const { record, bindings } = await ports.ledger.ofSource(source);
  const decided = await decideTargets(ports, { source, paths, takeOver, bindings, asker });
  requireMayChange(ports.rules, source, bindings, asker);
  const { leaf, chain, warnings, toPfx } = await ports.read(upload.file, upload.password);
  await lookAtTargets(ports, { source, bindings }, decided, leaf.thumbprint);
  const brought = await bringIntoVault(ports, {
    ...upload,
    thumbprint: leaf.thumbprint,
    toPfx: () => toPfx(),
    binds: decided.length > 0,
  });
  const suspicion = judgeVersion(
    source,
    presentOf(leaf, brought.version),
    {
      onSuspect: onSuspectOf(ports.onSuspect, source),
      ...(record.verified === undefined ? {} : { verified: record.verified }),
    },
    ports.now().toISOString(),
  );
  const id = await goOn(ports, upload, { decided, brought, next });
  return {
    ...brought,
    id,
    leaf,
    chain,
    warnings: [...warnings, ...(suspicion.kind === 'none' ? [] : [suspicion.problem])],
    targets: decided.map(({ target }) => formatTarget(target)),
  };
}

function presentOf(looks: CertificateLooks, version: string) {
  const { thumbprint, notBefore: createdAt } = looks;
  const current = { version, thumbprint, enabled: true, createdAt, tags: {}, looks };
  return { kind: 'present', current } as const;
}

/** What follows the import. Each part may be done again: the caller only has to ask again. */
async function goOn(
  ports: UploadPorts,
  { source, as, asker }: Upload,
  facts: {
    readonly decided: readonly DecidedTarget[];
    readonly brought: Brought;
    readonly next: WhatFollows;
  },
): Promise<string> {
  const { decided, brought, next } = facts;
  try {
    await bindTargets(ports.ledger, source, decided);
    await ports.history.add({
      source,
      at: ports.now().toISOString(),
      what: 'upload',
      by: asker.by,
      version: brought.version,
      ...(decided.length === 0
        ? {}
        : {
            targets: decided.map(({ target, takeOver }) => ({
              target: formatTarget(target),
              outcome: 'pending',
              reason: takeOver === undefined ? 'AskedFor' : 'TakeOverAskedFor',
            })),
          }),
      detail: describe(as, brought),
    });
    return (await next.start()).id;
  } catch (error) {
    throw unfinished(source, brought, error, next);
  }
}

function describe(as: Upload['as'], { imported }: Brought): string {
  if (!imported) return 'Uploaded again: the vault had this very certificate already.';
  return as === 'new' ? 'Uploaded as a new certificate.' : 'Uploaded as a new version.';
}

/** Says where things stand when the certificate is in the vault and the rest was not done. */
export function unfinished(
  source: Source,
  brought: Brought,
  error: unknown,
  next: Pick<WhatFollows, 'noteUnforeseen'>,
): TransientError {
  const foreseen = error instanceof TerminalError || error instanceof TransientError;
  if (!foreseen) next.noteUnforeseen(error);
  const why = foreseen ? error.problem.message : 'the log of this invocation says why.';
  const name = formatSource(source);
  const stands = brought.imported
    ? `${name} was imported as version ${brought.version}`
    : `${name} is in the vault as version ${brought.version}`;
  return new TransientError(
    {
      code: 'UPLOAD_UNFINISHED',
      message: `${stands}; what should have followed did not: ${why}`,
      resource: name,
      cure: 'Ask again with the same file: it is not imported a second time, and the rest is done. Targets that were bound before get it all the same, with the event of the vault or with the next sweep.',
    },
    { cause: error },
  );
}
