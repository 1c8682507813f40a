/** What the script of a report's page knows. Everything that it shows is made of this. */
import type {
  AuditedCertificate,
  AuditFinding,
  AuditReport,
  Severity,
} from '../../domain/audit/audit-report.ts';

/** A certificate without what no reader looks at. */
export type Row = Omit<AuditedCertificate, 'resourceId' | 'publicKeyDigest'>;

/** A finding without what its certificate, or the scope, says already. */
export type Finding = Omit<AuditFinding, 'resourceId'>;

/** A vault or a service, which holds certificates. */
export interface Holder {
  readonly kind: 'vault' | 'service';
  readonly name: string;
  readonly resourceId?: string;
  readonly tier?: string;
}

export interface PageData {
  /** When the report was made: every distance in time is from here. */
  readonly at: string;
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  readonly holders: readonly Holder[];
}

export function toPageData({ completedAt, certificates, findings, scope }: AuditReport): PageData {
  return {
    at: completedAt,
    rows: certificates.map(({ resourceId, publicKeyDigest, ...row }) => row),
    findings: findings.map(({ resourceId, ...finding }) => finding),
    holders: [
      ...scope.services.map((part) => ({ ...part, kind: 'service' as const })),
      ...scope.vaults.map((part) => ({ ...part, kind: 'vault' as const })),
    ].map(({ kind, name, resourceId, tier }) => ({
      kind,
      name,
      resourceId,
      ...(tier === undefined ? {} : { tier }),
    })),
  };
}

/** Page data with what is looked up in it all the time. */
export interface Book extends PageData {
  rowOf(id: string): Row | undefined;
  /** The findings about a certificate, the gravest first. */
  findingsOf(row: Row): readonly Finding[];
  /** The gravest of what is to be done about a certificate; undefined = nothing. */
  worstOf(row: Row): Severity | undefined;
  /** What a certificate is in. */
  holderOf(row: Row): Holder;
}

export function openBook(data: PageData): Book {
  const rows = new Map(data.rows.map((row) => [row.id, row]));
  const holders = new Map(data.holders.map((holder) => [keyOf(holder), holder]));
  const findings = Map.groupBy(data.findings, ({ about }) => about);
  const findingsOf = (row: Row) => findings.get(row.id) ?? [];
  return {
    ...data,
    rowOf: (id) => rows.get(id),
    findingsOf,
    worstOf: (row) =>
      findingsOf(row).find(({ acknowledged }) => acknowledged === undefined)?.severity,
    holderOf: (row) => {
      const holder =
        row.place === 'vault'
          ? { kind: 'vault' as const, name: row.vault ?? '' }
          : { kind: 'service' as const, name: row.service ?? '' };
      return holders.get(keyOf(holder)) ?? holder;
    },
  };
}

/** Tells a vault and a service of the same name apart. */
export function keyOf({ kind, name }: Holder): string {
  return `${kind}/${name}`;
}
