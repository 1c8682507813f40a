import { carryOut, type RepairCourse } from './carry-out.ts';
import { noteRepair } from './note-repair.ts';
import { readHolders, type HolderPorts } from './other-holders.ts';
import { namedValueDocument } from './repairable-documents.ts';
import type { RepairedReferences } from '../../../shared/contracts/repair.ts';
import { stillResolves } from '../../../shared/domain/breaking.ts';
import { TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { History } from '../../../shared/domain/ledger-ports.ts';
import type { ReferenceDocuments, Repairs } from '../../../shared/domain/repair-ports.ts';
import type { RequestedBy } from '../../../shared/domain/requested-by.ts';
import type { Source } from '../../../shared/domain/source.ts';
import type { CertificateTarget } from '../../../shared/domain/target.ts';

export interface RepairNamedValuesPorts extends HolderPorts {
  readonly documents: ReferenceDocuments;
  readonly repairs: Repairs;
  readonly history: Pick<History, 'add'>;
  readonly now: () => Date;
}

export interface RepairNamedValuesInput {
  readonly source: Source;
  readonly target: CertificateTarget;
  readonly from: readonly string[];
  readonly to: string;
  readonly operation: string;
  readonly by?: RequestedBy;
  /** ISO 8601. */
  readonly at: string;
}

const MOST_PROBLEMS = 10;

/**
 * Gives the plain named values beside a target that hold exactly an old thumbprint the new one. One
 * list, for each of them a read and a write, and a list of the certificates when there is any.
 * Idempotent: what holds the new one already, or anything else, is left. So is what another
 * certificate keeps resolving.
 *
 * Thrown at the end when some of them may succeed later: TransientError.
 */
export function makeRepairNamedValues(ports: RepairNamedValuesPorts) {
  return async (input: RepairNamedValuesInput): Promise<RepairedReferences> => {
    const { source, target, from, to, operation, by = { kind: 'platform' }, at } = input;
    const workspace = target.kind === 'workspace-certificate' ? target.workspace : undefined;
    const found: { path: string; thumbprint: string; isOld: boolean }[] = [];
    for await (const one of ports.documents.listNamedValues(target.service, workspace)) {
      const value = one.value.toUpperCase();
      // One that holds the new one may be what was done before a crash, and is looked up.
      const held = value === to ? from : from.filter((thumbprint) => thumbprint === value);
      const isOld = value !== to;
      found.push(...held.map((thumbprint) => ({ path: one.path, thumbprint, isOld })));
    }
    if (found.length === 0) return { kind: 'repaired', documents: [], problems: [] };
    const { kept } = await readHolders(ports, source, target);
    const documents = new Set<string>();
    const problems = new Map<string, Problem>();
    const later: TransientError[] = [];
    const repaired: RepairCourse[] = [];
    for (const { path, thumbprint, isOld } of found) {
      const holder = kept.get(thumbprint);
      if (holder !== undefined) {
        if (isOld) problems.set(thumbprint, stillResolves(target, thumbprint, holder));
        continue;
      }
      const course: RepairCourse = { source, target, thumbprint, operation, by, at };
      const change = { from: thumbprint, to };
      const document = namedValueDocument(ports.documents, target.service, path, change);
      try {
        const done = await carryOut(ports, course, document);
        if (done.kind === 'repaired') {
          documents.add(path);
          repaired.push(course);
        }
        if (done.kind === 'refused') problems.set(path, done.problem);
      } catch (error) {
        if (!(error instanceof TransientError)) throw error;
        later.push(error);
      }
    }
    if (later[0] !== undefined) throw later[0];
    const [course] = repaired;
    if (course !== undefined) {
      await noteRepair(ports.history, course, [...documents], 'thumbprint');
    }
    return {
      kind: 'repaired',
      documents: [...documents],
      problems: [...problems.values()].slice(0, MOST_PROBLEMS),
    };
  };
}
