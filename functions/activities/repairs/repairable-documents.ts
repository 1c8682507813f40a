import { createHash } from 'node:crypto';
import { digestOf, type RepairableDocument } from './carry-out.ts';
import { isSameBackend } from '../../../shared/domain/repair.ts';
import { planBackend } from '../../../shared/domain/repair-backend.ts';
import type {
  DocumentCopies,
  ReferenceDocuments,
  SeenBackend,
  SeenNamedValue,
  SeenPolicy,
} from '../../../shared/domain/repair-ports.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';

/** In policies and fragments, replaces a thumbprint by an id and leaves all else byte for byte. */
export type Rewriter = (
  text: string,
  from: string,
  toId: string,
) => { readonly text: string; readonly changed: number };

/** A policy, or a policy fragment. Its old text is kept as a copy. */
export function policyDocument(
  ports: {
    readonly documents: ReferenceDocuments;
    readonly copies: DocumentCopies;
    readonly rewrite: Rewriter;
  },
  target: CertificateTarget,
  from: string,
  path: string,
): RepairableDocument<SeenPolicy> {
  const { documents, copies, rewrite } = ports;
  const { service, id: toId } = target;
  return {
    path,
    read: () => documents.readPolicy(service, path),
    isWritten: ({ text }, change) => change.kind === 'policy' && digestOf(text) === change.after,
    plan: async (seen) => {
      const { text, changed } = rewrite(seen.text, from, toId);
      if (changed === 0 || text === seen.text) return { kind: 'nothing' };
      const before = digestOf(seen.text);
      const copy = copyName(seen.text);
      await copies.save(copy, seen.text);
      return {
        kind: 'write',
        change: { kind: 'policy', copy, before, after: digestOf(text) },
        write: () => documents.writePolicy(service, path, seen, text),
      };
    },
  };
}

/** Named after every byte of it, so that the same text is kept once, whoever asks for it. */
function copyName(text: string): string {
  return `${createHash('sha256').update(text, 'utf8').digest('hex')}.xml`;
}

/** @param idOf see planBackend */
export function backendDocument(
  documents: ReferenceDocuments,
  target: CertificateTarget,
  from: string,
  path: string,
  idsByThumbprint: () => Promise<(thumbprint: string) => string | undefined>,
): RepairableDocument<SeenBackend> {
  const { service } = target;
  return {
    path,
    read: () => documents.readBackend(service, path),
    isWritten: ({ certificates }, change) =>
      change.kind === 'backend' && isSameBackend(certificates, change.after),
    plan: async (seen) => {
      const { certificates } = seen;
      const plan = planBackend(certificates, from, await idsByThumbprint());
      if (plan.kind !== 'rewrite') return plan;
      return {
        kind: 'write',
        change: { kind: 'backend', before: certificates, after: plan.after },
        write: () => documents.writeBackend(service, path, seen, plan.after),
      };
    },
  };
}

/** A named value that holds exactly a thumbprint. */
export function namedValueDocument(
  documents: ReferenceDocuments,
  service: string,
  path: string,
  thumbprints: { readonly from: string; readonly to: string },
): RepairableDocument<SeenNamedValue> {
  const { from, to } = thumbprints;
  return {
    path,
    read: () => documents.readNamedValue(service, path),
    isWritten: ({ value }, change) => change.kind === 'named-value' && value === change.after,
    plan: (seen) => {
      const { value } = seen;
      if (value.toUpperCase() !== from) return Promise.resolve({ kind: 'nothing' });
      // As it was written before, as far as letters go.
      const after = value === value.toLowerCase() ? to.toLowerCase() : to;
      return Promise.resolve({
        kind: 'write',
        change: { kind: 'named-value', before: value, after },
        write: () => documents.writeNamedValue(service, path, seen, after),
      });
    },
  };
}
