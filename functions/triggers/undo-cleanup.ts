import type { DurableClient } from 'durable-functions';
import type { Binding } from '../../shared/domain/binding.ts';
import type { Cleanup } from '../../shared/domain/cleanup.ts';
import { recoverCommand } from '../../shared/domain/cleanup-words.ts';
import { consents, type ConsentRule } from '../../shared/domain/consent.ts';
import { TerminalError, TransientError } from '../../shared/domain/errors.ts';
import { holdsSource } from '../../shared/domain/holds-source.ts';
import type { Cleanups, StoredCleanup } from '../../shared/domain/cleanup-ports.ts';
import type { History, Ledger } from '../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { SourceSightings, VaultWriter } from '../../shared/domain/vault-ports.ts';
import type { RequestedBy } from '../../shared/domain/requested-by.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { formatTarget, targetKey } from '../../shared/domain/target.ts';

export interface UndoPorts {
  readonly cleanups: Pick<Cleanups, 'replace'>;
  readonly ledger: Pick<Ledger, 'binding' | 'claimsOf'>;
  readonly vaults: SourceSightings;
  readonly writer: Pick<VaultWriter, 'recoverDeleted'>;
  readonly pushed: Pick<PushedCertificates, 'observe'>;
  readonly history: Pick<History, 'add'>;
  readonly rules: readonly ConsentRule[];
  readonly rebind: (cleanup: Cleanup, allowedBy: Binding['allowedBy']) => Promise<void>;
  readonly requestSync: (
    client: DurableClient,
    source: Source,
    by: RequestedBy,
  ) => Promise<{ readonly id: string }>;
  readonly now: () => Date;
}

/**
 * Undoes a removal, and asks for the sync that installs the certificate again. The binding comes
 * before the word that it is undone, so that a call that was cut off can be made again. So can one
 * whose binding has been given up since.
 *
 * Thrown when there is nothing to undo, or the source is gone for good: TerminalError
 * `CLEANUP_ENDED`; when it would have to be recovered first: `CERTIFICATE_DELETED`; when somebody
 * else has taken the target: `TARGET_TAKEN`. While it is being removed or recovered: TransientError.
 *
 * @returns the id of the sync
 */
export async function undoCleanup(
  ports: UndoPorts,
  stored: StoredCleanup,
  asked: { readonly recover: boolean; readonly by: RequestedBy; readonly client: DurableClient },
): Promise<string> {
  const { cleanup } = stored;
  const { source, target, status } = cleanup;
  const { by, client } = asked;
  if (status === 'given-up') {
    throw ended(cleanup, `${formatTarget(target)} was not removed after all`);
  }
  if (status === 'intended') throw beingRemoved(cleanup);
  if (status === 'removed' || (await ports.ledger.binding(source, target)) === undefined) {
    await requireFree(ports, cleanup);
    await requireSource(ports, cleanup, asked.recover);
    const at = ports.now().toISOString();
    await ports.rebind(
      cleanup,
      consents(ports.rules, source, target) ? cleanup.binding.allowedBy : 'manage',
    );
    await ports.history.add({
      ...{ source, at, by, what: 'undo' },
      targets: [{ target: formatTarget(target), outcome: 'rebound', reason: 'Asked' }],
    });
    await ports.cleanups.replace(stored, {
      ...cleanup,
      status: 'undone',
      undoneAt: at,
      undoneBy: by,
    });
  }
  return (await ports.requestSync(client, source, by)).id;
}

async function requireSource(
  { vaults, writer }: UndoPorts,
  cleanup: Cleanup,
  recover: boolean,
): Promise<void> {
  const { source } = cleanup;
  const sighting = await vaults.sight(source);
  if (sighting.kind === 'present') return;
  if (sighting.kind === 'traceless') {
    throw ended(cleanup, `${formatSource(source)} is gone from its vault for good`);
  }
  if (recover) {
    await writer.recoverDeleted(source);
    return;
  }
  throw new TerminalError({
    code: 'CERTIFICATE_DELETED',
    message: `${formatSource(source)} is deleted, so there is nothing that could be put at ${formatTarget(cleanup.target)}.`,
    resource: formatSource(source),
    cure: `Ask again with {"recover": true}, or recover it by hand: ${recoverCommand(source)}`,
  });
}

/** What somebody else has put there since, or bound, stays. */
async function requireFree({ ledger, pushed }: UndoPorts, cleanup: Cleanup): Promise<void> {
  const { source, target } = cleanup;
  const owner = (await ledger.claimsOf(target.service)).get(targetKey(target));
  const others = owner !== undefined && formatSource(owner) !== formatSource(source);
  const state = others ? undefined : await pushed.observe(target);
  const isFree =
    state?.kind !== 'present' ||
    holdsSource(state.installed, source, target, [cleanup.installed.thumbprint]);
  if (!others && isFree) return;
  const path = formatTarget(target);
  throw new TerminalError({
    code: 'TARGET_TAKEN',
    message: `${path} holds something else since ${formatSource(source)} was removed there; it was left as it is.`,
    resource: path,
    cure: `Remove what is there, or bind the certificate to another id: POST /api/certificates/${formatSource(source)}/bindings`,
  });
}

function ended({ id, source }: Cleanup, why: string): TerminalError {
  return new TerminalError({
    code: 'CLEANUP_ENDED',
    message: `There is nothing to undo: ${why}.`,
    resource: id,
    cure: `What is in a vault can be bound anew: POST /api/certificates/${formatSource(source)}/bindings`,
  });
}

function beingRemoved({ id, target }: Cleanup): TransientError {
  return new TransientError({
    code: 'AZURE_UNAVAILABLE',
    message: `${formatTarget(target)} is being removed at this moment.`,
    resource: id,
    cure: 'Ask again in some minutes; what was cut off is ended by the next sweep.',
  });
}
