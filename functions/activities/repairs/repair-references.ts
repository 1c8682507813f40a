import { carryOut, type CarriedOut, type RepairCourse } from './carry-out.ts';
import { findReferences, type FindReferencesPorts } from './find-references.ts';
import { noteRepair } from './note-repair.ts';
import { readHolders, type HolderPorts, type Holders } from './other-holders.ts';
import { backendDocument, policyDocument, type Rewriter } from './repairable-documents.ts';
import {
  DOCUMENTS_IN_A_CALL,
  type ReferringDocument,
  type RepairedReferences,
} from '../../../shared/contracts/repair.ts';
import { isByNamedValue, stillResolves, unrepairable } from '../../../shared/domain/breaking.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { describeReference } from '../../../shared/domain/describe-reference.ts';
import { TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { History } from '../../../shared/domain/ledger-ports.ts';
import type {
  DocumentCopies,
  ReferenceDocuments,
  Repairs,
} from '../../../shared/domain/repair-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';

export interface RepairReferencesPorts extends FindReferencesPorts, HolderPorts {
  readonly documents: ReferenceDocuments;
  readonly copies: DocumentCopies;
  readonly repairs: Repairs;
  readonly history: Pick<History, 'add'>;
  readonly rewrite: Rewriter;
  readonly now: () => Date;
}

export interface RepairReferencesInput {
  readonly source: Source;
  readonly target: CertificateTarget;
  readonly thumbprints: readonly string[];
  readonly operation: string;
  readonly by?: RequestedBy;
  /** ISO 8601. */
  readonly at: string;
  readonly live?: true;
  readonly documents?: readonly ReferringDocument[];
}

/** A repair of more leaves the rest to the next sync: what it leaves is stored by the engine. */
const MOST_DOCUMENTS = 400;
const MOST_PROBLEMS = 10;

/**
 * Makes policies, fragments and backends refer to a target by its id where they refer by a
 * thumbprint that goes, some at a time and each by itself: one that cannot be repaired holds up no
 * other. Idempotent: what was repaired before, by this call or by anybody, needs nothing more.
 *
 * Thrown at the end when some of them may succeed later: TransientError.
 */
export function makeRepairReferences(ports: RepairReferencesPorts) {
  return async (input: RepairReferencesInput): Promise<RepairedReferences> => {
    const { source, target, thumbprints, operation, by = { kind: 'platform' }, at } = input;
    const holders = remember(() => readHolders(ports, source, target));
    const found =
      input.documents === undefined
        ? await lookUp(ports, input, holders)
        : { documents: input.documents, problems: [] };
    const idOf = async () => toIdOf(ports.documents, target, thumbprints, await holders());

    const documents = new Set<string>();
    const problems: Problem[] = [...found.problems];
    const later: TransientError[] = [];
    const repaired = new Map<string, RepairCourse>();
    for (const one of found.documents.slice(0, DOCUMENTS_IN_A_CALL)) {
      const { document, thumbprint } = one;
      const course: RepairCourse = { source, target, thumbprint, operation, by, at };
      try {
        const done = await repair(ports, course, one, idOf);
        if (done.kind === 'repaired') {
          documents.add(document);
          repaired.set(document, course);
        }
        if (done.kind !== 'nothing' && done.problem !== undefined) problems.push(done.problem);
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        later.push(error);
      }
    }
    // What is done is found done by the next try.
    if (later[0] !== undefined) throw later[0];
    const [course] = repaired.values();
    if (course !== undefined) await noteRepair(ports.history, course, [...documents], 'id');
    const left = found.documents.slice(DOCUMENTS_IN_A_CALL);
    return {
      kind: 'repaired',
      documents: [...documents],
      problems: problems.slice(0, MOST_PROBLEMS),
      ...(left.length === 0 ? {} : { left }),
    };
  };
}

/** What is to be rewritten, and what cannot be or need not be. Looked up once for a repair. */
async function lookUp(
  ports: RepairReferencesPorts,
  { target, thumbprints, live }: RepairReferencesInput,
  holders: () => Promise<Holders>,
): Promise<{
  readonly documents: readonly ReferringDocument[];
  readonly problems: readonly Problem[];
}> {
  const all = (await findReferences(ports, target, thumbprints, live === true))
    .map(({ thumbprint, references }) => ({
      thumbprint,
      references: references.filter((one) => !isByNamedValue(one)),
    }))
    .filter(({ references }) => references.length > 0);
  if (all.length === 0) return { documents: [], problems: [] };
  const { kept } = await holders();
  const documents: ReferringDocument[] = [];
  const problems: Problem[] = [];
  for (const { thumbprint, references } of all) {
    const holder = kept.get(thumbprint);
    if (holder !== undefined) {
      problems.push(stillResolves(target, thumbprint, holder));
      continue;
    }
    const wanted = new Map<string, ReferringDocument>();
    for (const one of references) {
      const { document, kind, repairable } = one;
      if (repairable && isRewritten(kind)) wanted.set(document, { document, kind, thumbprint });
      else problems.push(cannotBeRewritten(target, one));
    }
    documents.push(...wanted.values());
  }
  documents.sort((a, b) => (a.document < b.document ? -1 : 1));
  const over = documents.length - MOST_DOCUMENTS;
  if (over > 0) problems.unshift(leftForLater(target, over));
  return { documents: documents.slice(0, MOST_DOCUMENTS), problems };
}

function isRewritten(kind: CertificateReference['kind']): kind is ReferringDocument['kind'] {
  return kind === 'backend' || kind === 'policy' || kind === 'policy-fragment';
}

async function repair(
  ports: RepairReferencesPorts,
  course: RepairCourse,
  { kind, document }: ReferringDocument,
  idOf: () => Promise<(thumbprint: string) => string | undefined>,
): Promise<CarriedOut> {
  const { target, thumbprint } = course;
  return kind === 'backend'
    ? await carryOut(
        ports,
        course,
        backendDocument(ports.documents, target, thumbprint, document, idOf),
      )
    : await carryOut(ports, course, policyDocument(ports, target, thumbprint, document));
}

/** How a certificate beside the target is named by its id; what goes with the target is the target. */
function toIdOf(
  documents: ReferenceDocuments,
  target: CertificateTarget,
  thumbprints: readonly string[],
  { ids, kept }: Holders,
): (thumbprint: string) => string | undefined {
  return (thumbprint) => {
    const goes = thumbprints.includes(thumbprint) && !kept.has(thumbprint);
    const id = goes ? target.id : (kept.get(thumbprint) ?? ids.get(thumbprint));
    return id === undefined ? undefined : documents.certificateId({ ...target, id });
  };
}

function leftForLater(target: CertificateTarget, over: number): Problem {
  return unrepairable(
    target,
    `${String(over)} more documents`,
    'they are more than one repair rewrites.',
    'Sync the certificate again, or wait for the next sweep: it goes on with them.',
  );
}

function cannotBeRewritten(target: CertificateTarget, reference: CertificateReference): Problem {
  return unrepairable(
    target,
    describeReference(reference),
    'there is no place for an id, or something else stands beside it.',
  );
}

function remember<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => (made ??= make());
}
