import { digestOf } from './carry-out.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import type { History, Ledger } from '../../../shared/domain/ledger-ports.ts';
import {
  isSameBackend,
  noSuchRepair,
  type Repair,
  type RepairChange,
  type UndoneRepair,
} from '../../../shared/domain/repair.ts';
import type {
  DocumentCopies,
  ReferenceDocuments,
  Repairs,
  StoredRepair,
} from '../../../shared/domain/repair-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

export interface UndoRepairPorts {
  readonly documents: ReferenceDocuments;
  readonly copies: DocumentCopies;
  readonly repairs: Repairs;
  readonly ledger: Pick<Ledger, 'binding'>;
  readonly history: Pick<History, 'add'>;
  readonly now: () => Date;
}

/**
 * Puts back what a repair replaced, if what is there is still what Certkeeper put there. Doing it
 * again after a crash finds the old document in its place and writes that down.
 *
 * Thrown: TerminalError `NOT_FOUND` when there is no such repair, or its document is gone;
 * `REPAIR_ENDED` when it was undone or came to nothing; `TARGET_CHANGED` when somebody else changed
 * the document since; `AZURE_REFUSED` when the service does not take the old document any more.
 */
export function makeUndoRepair(ports: UndoRepairPorts) {
  return async (input: {
    readonly id: string;
    readonly by: RequestedBy;
  }): Promise<UndoneRepair> => {
    const { id, by } = input;
    const stored = await ports.repairs.find(id);
    if (stored === undefined) throw noSuchRepair(id);
    const { repair } = stored;
    if (repair.status === 'undone' || repair.status === 'given-up') throw ended(repair);
    await putBack(ports, repair);
    return await writeDown(ports, stored, by);
  };
}

async function putBack(ports: UndoRepairPorts, repair: Repair): Promise<void> {
  const { documents } = ports;
  const { change, document: path, target } = repair;
  const { service } = target;
  switch (change.kind) {
    case 'policy': {
      const seen = await documents.readPolicy(service, path);
      if (seen === undefined) throw gone(repair);
      const digest = digestOf(seen.text);
      if (digest === change.before) return;
      requireOurs(repair, digest === change.after || isLeft(repair, seen));
      await documents.writePolicy(
        service,
        path,
        seen,
        await readCopy(ports.copies, repair, change),
      );
      return;
    }
    case 'backend': {
      const seen = await documents.readBackend(service, path);
      if (seen === undefined) throw gone(repair);
      if (isSameBackend(seen.certificates, change.before)) return;
      requireOurs(repair, isSameBackend(seen.certificates, change.after));
      await documents.writeBackend(service, path, seen, change.before);
      return;
    }
    case 'named-value': {
      const seen = await documents.readNamedValue(service, path);
      if (seen === undefined) throw gone(repair);
      if (seen.value === change.before) return;
      requireOurs(repair, seen.value === change.after);
      await documents.writeNamedValue(service, path, seen, change.before);
    }
  }
}

/** In the state in which Certkeeper left it: then what differs in it is the service's doing. */
function isLeft({ etag }: Repair, seen: { readonly etag?: string }): boolean {
  return etag !== undefined && etag === seen.etag;
}

function requireOurs(repair: Repair, ours: boolean): void {
  if (ours) return;
  throw new TerminalError({
    code: 'TARGET_CHANGED',
    message: `${repair.document} is not what Certkeeper made of it any more: somebody else has changed it since, and it was left as it is.`,
    resource: repair.document,
    cure: `What was there before is kept: GET /api/repairs/${repair.id}. Put back by hand what is missing.`,
  });
}

/** Kept byte for byte; of another digest it is not what was there. */
async function readCopy(
  copies: DocumentCopies,
  repair: Repair,
  { copy, before }: Extract<RepairChange, { kind: 'policy' }>,
): Promise<string> {
  const text = await copies.read(copy);
  if (text !== undefined && digestOf(text) === before) return text;
  throw new TerminalError({
    code: 'NOT_FOUND',
    message: `The copy of ${repair.document} is gone, or is not what was kept.`,
    resource: copy,
    cure: 'Put the document back from a copy of your own.',
  });
}

async function writeDown(
  { repairs, ledger, history, now }: UndoRepairPorts,
  stored: StoredRepair,
  by: RequestedBy,
): Promise<UndoneRepair> {
  const { repair } = stored;
  const at = now().toISOString();
  const undone: Repair = { ...repair, status: 'undone', undoneAt: at, undoneBy: by };
  // Somebody else has undone it at the same moment, and has told of it.
  if (!(await repairs.replace(stored, undone))) throw ended(repair);
  const { source, target, document, thumbprint } = repair;
  await history.add({
    source,
    at,
    what: 'undo',
    by,
    targets: [{ target: formatTarget(target), outcome: 'undone', reason: 'RepairUndone' }],
    detail: `${document} refers by the thumbprint ${thumbprint} again.`,
  });
  const binding = await ledger.binding(source, target);
  const installed = binding?.targetThumbprint === thumbprint;
  return {
    repair: undone,
    ...(installed
      ? {}
      : {
          note: `The thumbprint ${thumbprint} in it is not installed at ${formatTarget(target)} any more: it does not resolve there.`,
        }),
  };
}

function ended({ id, status }: Repair): TerminalError {
  const what = status === 'given-up' ? 'came to nothing' : 'has been undone already';
  return new TerminalError({
    code: 'REPAIR_ENDED',
    message: `The repair ${id} ${what}.`,
    resource: id,
    cure: `Look at it: GET /api/repairs/${id}`,
  });
}

function gone({ document }: Repair): TerminalError {
  return new TerminalError({
    code: 'NOT_FOUND',
    message: `${document} is not there any more.`,
    resource: document,
    cure: 'There is nothing to put back into it.',
  });
}
