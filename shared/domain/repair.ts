/**
 * A document that referred to a certificate by thumbprint and was rewritten. Written down before it
 * is done, with everything needed to undo it. Times are ISO 8601, UTC.
 */
import { TerminalError } from './errors.ts';
import type { RequestedBy } from './requested-by.ts';
import type { Source } from './source.ts';
import type { CertificateTarget } from './target.ts';

export const REPAIR_STATUSES = ['intended', 'repaired', 'given-up', 'undone'] as const;
export type RepairStatus = (typeof REPAIR_STATUSES)[number];

export interface Repair {
  readonly id: string;
  readonly source: Source;
  readonly target: CertificateTarget;
  /** Path below the service, as Resource Manager writes it. */
  readonly document: string;
  /** The thumbprint that it referred by. */
  readonly thumbprint: string;
  /** `given-up`: it was not written, or somebody else wrote it at the same moment. */
  readonly status: RepairStatus;
  readonly change: RepairChange;
  /** When the repair that it belongs to began. */
  readonly at: string;
  readonly operation: string;
  readonly by: RequestedBy;
  readonly repairedAt?: string;
  /** The state that it was left in. */
  readonly etag?: string;
  readonly undoneAt?: string;
  readonly undoneBy?: RequestedBy;
}

/** What was there and what was put in its place; no secret. */
export type RepairChange =
  /** A policy or a fragment: its old text is kept as a copy, of both the digest is. */
  | {
      readonly kind: 'policy';
      readonly copy: string;
      readonly before: string;
      readonly after: string;
    }
  | {
      readonly kind: 'backend';
      readonly before: BackendCertificates;
      readonly after: BackendCertificates;
    }
  | { readonly kind: 'named-value'; readonly before: string; readonly after: string };

/** How a backend names the certificates that it presents; texts as they are written. */
export interface BackendCertificates {
  /** `credentials.certificate`. */
  readonly thumbprints: readonly string[];
  /** `credentials.certificateIds`; when there are any the thumbprints are ignored. */
  readonly ids: readonly string[];
  /** Of a Service Fabric cluster, `properties.serviceFabricCluster`. */
  readonly cluster?: { readonly thumbprint?: string; readonly id?: string };
}

export function isSameBackend(left: BackendCertificates, right: BackendCertificates): boolean {
  const flat = ({ thumbprints, ids, cluster }: BackendCertificates): string =>
    JSON.stringify([thumbprints, ids, cluster?.thumbprint ?? '', cluster?.id ?? '']).toLowerCase();
  return flat(left) === flat(right);
}

/** A repair that was undone. */
export interface UndoneRepair {
  readonly repair: Repair;
  /** What the reader should know of what is there again. */
  readonly note?: string;
}

export function noSuchRepair(id: string): TerminalError {
  return new TerminalError({
    code: 'NOT_FOUND',
    message: `There is no repair ${id.slice(0, 100)}.`,
    cure: 'Look at what there is: GET /api/repairs',
  });
}
