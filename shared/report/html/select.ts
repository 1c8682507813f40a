/** What a reader asked for, and what of the report answers it. */
import type { Severity } from '../../domain/audit/audit-report.ts';
import type { FindingCode } from '../../domain/audit/finding-codes.ts';
import { SEVERITIES } from '../../domain/audit/audit-report.ts';
import type { Book, Finding, Row } from './page-data.ts';

/** All of it has to fit; what is absent fits everything. */
export interface Query {
  readonly text?: string | undefined;
  readonly severity?: Severity | undefined;
  readonly service?: string | undefined;
  readonly vault?: string | undefined;
  readonly code?: FindingCode | undefined;
  readonly owner?: string | undefined;
}

export interface Selection {
  readonly rows: readonly Row[];
  readonly findings: readonly Finding[];
  readonly acknowledged: readonly Finding[];
}

/** Makes the function that answers queries; what it searches in is made ready once. */
export function makeSelect(book: Book): (query: Query) => Selection {
  const rowTexts = new Map(book.rows.map((row) => [row, textOfRow(row)]));
  const findingTexts = new Map(book.findings.map((finding) => [finding, textOfFinding(finding)]));
  return (query) => {
    const words = toWords(query.text);
    const rows = book.rows.filter(
      (row) =>
        fitsRow(row, query) &&
        fitsFindings(book.findingsOf(row), query) &&
        holds(rowTexts.get(row), words),
    );
    const findings = book.findings.filter(
      (finding) =>
        fitsFindings([finding], query) &&
        fitsPlace(finding, query, book) &&
        holds(findingTexts.get(finding), words),
    );
    return {
      rows,
      findings: findings.filter(({ acknowledged }) => acknowledged === undefined),
      acknowledged: findings.filter(({ acknowledged }) => acknowledged !== undefined),
    };
  };
}

export const SORT_KEYS = ['name', 'source', 'expires', 'status', 'uses', 'owner'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Order {
  readonly by: SortKey;
  readonly descending: boolean;
}

/** Rows in an order; those that have nothing to be ordered by come last either way. */
export function sortRows(rows: readonly Row[], { by, descending }: Order, book: Book): Row[] {
  const keys = new Map(rows.map((row) => [row, keyOfRow[by](row, book)]));
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [keyA, keyB] = [keys.get(a), keys.get(b)];
    if (keyA === undefined || keyB === undefined) {
      return Number(keyA === undefined) - Number(keyB === undefined) || compare(a.id, b.id);
    }
    return sign * compare(keyA, keyB) || compare(a.id, b.id);
  });
}

const keyOfRow: Readonly<Record<SortKey, (row: Row, book: Book) => string | number | undefined>> = {
  name: ({ id }) => id,
  source: ({ source }) => source,
  expires: ({ expiresAt }) => expiresAt,
  status: (row, book) => {
    const worst = book.worstOf(row);
    return worst === undefined ? SEVERITIES.length : SEVERITIES.indexOf(worst);
  },
  uses: ({ uses }) => uses?.references,
  owner: ({ owner }) => owner,
};

const collator = new Intl.Collator('en', { numeric: true });

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}

function fitsRow(row: Row, { service, vault, owner }: Query): boolean {
  return (
    (service === undefined || row.service === service) &&
    (vault === undefined || (row.vault ?? vaultOf(row)) === vault) &&
    (owner === undefined || row.owner === owner)
  );
}

function fitsFindings(findings: readonly Finding[], { severity, code }: Query): boolean {
  if (severity === undefined && code === undefined) return true;
  return findings.some(
    (finding) =>
      (severity === undefined || finding.severity === severity) &&
      (code === undefined || finding.code === code),
  );
}

/** A finding is where its certificate is, or about the service or vault itself. */
function fitsPlace(finding: Finding, query: Query, book: Book): boolean {
  const { service, vault, owner } = query;
  if (service === undefined && vault === undefined && owner === undefined) return true;
  const row = book.rowOf(finding.about);
  if (row !== undefined) return fitsRow(row, query);
  const names = [service, vault].filter((name) => name !== undefined);
  return owner === undefined && names.every((name) => isIn(finding.about, name));
}

/** Of a path, e.g. that of a certificate that is gone: whether it begins with a name. */
function isIn(about: string, name: string): boolean {
  return about === name || about.startsWith(`${name}/`);
}

/** The vault that a certificate elsewhere is kept current from. */
function vaultOf({ source }: Row): string | undefined {
  return source?.slice(0, Math.max(0, source.indexOf('/')));
}

function textOfRow(row: Row): string {
  const { id, source, subject, issuer, thumbprint, serialNumber, owner, sans = [], uses } = row;
  const { where = [] } = uses ?? {};
  return [id, source, subject, issuer, thumbprint, serialNumber, owner, ...sans, ...where]
    .join('\n')
    .toLowerCase();
}

function textOfFinding({ id, code, about, message, cure }: Finding): string {
  return [id, code, about, message, cure].join('\n').toLowerCase();
}

function toWords(text = ''): readonly string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean);
}

function holds(text = '', words: readonly string[]): boolean {
  return words.every((word) => text.includes(word));
}
