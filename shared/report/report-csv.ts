/** A report as tables: one of the certificates, one of the findings. In pieces, since both may be long. */
import type {
  AuditedCertificate,
  AuditFinding,
  AuditReport,
} from '../domain/audit/audit-report.ts';
import { toCsvRow, type Cell } from './csv.ts';

type Columns<Row> = readonly (readonly [header: string, cell: (row: Row) => Cell])[];

const CERTIFICATE_COLUMNS: Columns<AuditedCertificate> = [
  ['id', ({ id }) => id],
  ['place', ({ place }) => place],
  ['vault', ({ vault }) => vault],
  ['service', ({ service }) => service],
  ['workspace', ({ workspace }) => workspace],
  ['subject', ({ subject }) => subject],
  ['sans', ({ sans }) => sans?.join(' ')],
  ['issuer', ({ issuer }) => issuer],
  ['serialNumber', ({ serialNumber }) => serialNumber],
  ['key', ({ key }) => key],
  ['signature', ({ signature }) => signature],
  ['notBefore', ({ notBefore }) => notBefore],
  ['expiresAt', ({ expiresAt }) => expiresAt],
  ['thumbprint', ({ thumbprint }) => thumbprint],
  ['source', ({ source }) => source],
  ['sourceThumbprint', ({ sourceThumbprint }) => sourceThumbprint],
  ['current', isCurrent],
  ['version', ({ version }) => version],
  ['pinnedVersion', ({ pinnedVersion }) => pinnedVersion],
  ['origin', ({ origin }) => origin],
  ['enabled', ({ enabled }) => enabled],
  ['renewal', ({ renewal }) => renewal],
  ['owner', ({ owner }) => owner],
  ['binding', ({ binding }) => binding],
  ['use', ({ uses }) => uses?.verdict],
  ['references', ({ uses }) => uses?.references],
  ['referencesByThumbprint', ({ uses }) => uses?.byThumbprint],
  ['usedBy', ({ uses }) => uses?.where?.join(' ')],
  ['lastRotatedAt', ({ lastRotatedAt }) => lastRotatedAt],
  ['rotationSeconds', ({ rotationSeconds }) => rotationSeconds],
  ['refreshFailure', ({ refreshFailure }) => refreshFailure?.message],
  ['removedOn', ({ removedOn }) => removedOn],
  ['resourceId', ({ resourceId }) => resourceId],
];

const FINDING_COLUMNS: Columns<AuditFinding> = [
  ['id', ({ id }) => id],
  ['severity', ({ severity }) => severity],
  ['code', ({ code }) => code],
  ['about', ({ about }) => about],
  ['message', ({ message }) => message],
  ['cure', ({ cure }) => cure],
  ['since', ({ since }) => since],
  ['dueAt', ({ dueAt }) => dueAt],
  ['acknowledgedUntil', ({ acknowledged }) => acknowledged?.until],
  ['acknowledgedBecause', ({ acknowledged }) => acknowledged?.reason],
  ['resourceId', ({ resourceId }) => resourceId],
];

/** One row a certificate at a place, in the order of the report. */
export function toCertificatesCsv({ certificates }: AuditReport): Iterable<string> {
  return toTable(CERTIFICATE_COLUMNS, certificates);
}

/** One row a finding, the gravest first, those that are acknowledged too. */
export function toFindingsCsv({ findings }: AuditReport): Iterable<string> {
  return toTable(FINDING_COLUMNS, findings);
}

/** Unknown as long as either side is. */
function isCurrent({ place, thumbprint, sourceThumbprint }: AuditedCertificate): Cell {
  if (place === 'vault' || thumbprint === undefined || sourceThumbprint === undefined)
    return undefined;
  return thumbprint === sourceThumbprint;
}

function* toTable<Row>(columns: Columns<Row>, rows: readonly Row[]): Generator<string> {
  yield toCsvRow(columns.map(([header]) => header));
  for (const row of rows) yield toCsvRow(columns.map(([, cell]) => cell(row)));
}
