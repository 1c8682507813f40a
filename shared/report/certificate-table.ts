import { toCsv, type Cell } from './csv.ts';
import type { ListedCertificate } from '../domain/certificate-list.ts';
import { formatTarget, targetKey } from '../domain/target.ts';

const COLUMNS = [
  'vault',
  'name',
  'certificateStatus',
  'target',
  'status',
  'current',
  'origin',
  'thumbprint',
  'targetThumbprint',
  'version',
  'verifiedVersion',
  'expiresAt',
  'verifiedAt',
  'changedAt',
  'access',
  'problem',
  'message',
  'cure',
] as const;

type Row = Partial<Record<(typeof COLUMNS)[number], Cell>>;

/**
 * Certificates as CSV, one row a binding. What stands in the way of a certificate as a whole has a
 * row of its own, without a target, and so has a certificate without a binding.
 */
export function toCertificateTable(certificates: readonly ListedCertificate[]): string {
  const rows = certificates.flatMap(toRows);
  return toCsv(
    COLUMNS,
    rows.map((row) => COLUMNS.map((column) => row[column])),
  );
}

function toRows({ record, bindings, access = [], status }: ListedCertificate): Row[] {
  const { source, thumbprint, version, expiresAt, problems } = record;
  const about: Row = { ...source, certificateStatus: status, thumbprint, version, expiresAt };
  const whole = problems.map(({ code, message, cure }): Row => ({
    ...about,
    problem: code,
    message,
    cure,
  }));
  const bound = bindings.map((binding): Row => ({
    ...about,
    target: formatTarget(binding.target),
    status: binding.status,
    current: thumbprint !== undefined && binding.targetThumbprint === thumbprint,
    origin: binding.origin,
    targetThumbprint: binding.targetThumbprint,
    verifiedVersion: binding.verifiedVersion,
    verifiedAt: binding.verifiedAt,
    changedAt: binding.changedAt,
    access: access.find((one) => targetKey(one.target) === targetKey(binding.target))?.verdict,
    problem: binding.problem?.code,
    message: binding.problem?.message,
    cure: binding.problem?.cure,
  }));
  return whole.length + bound.length === 0 ? [about] : [...whole, ...bound];
}
