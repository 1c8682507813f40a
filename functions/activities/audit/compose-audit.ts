import { createHash } from 'node:crypto';
import { toUnreadable, type UnderCare } from './note-unreadable.ts';
import type { ComposedAudit, ComposeInput } from '../../../shared/contracts/audit.ts';
import type {
  AuditFacts,
  AuditSettings,
  ReportDigest,
} from '../../../shared/domain/audit/audit-facts.ts';
import type {
  Acknowledgements,
  AuditParts,
  AuditReports,
  ReportForm,
  ReportReader,
} from '../../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import type { ServiceInventory, VaultInventory } from '../../../shared/domain/audit/inventory.ts';
import { TerminalError, type Problem } from '../../../shared/domain/errors.ts';
import type { Ledger, LedgerEntry } from '../../../shared/domain/ledger-ports.ts';

export interface ComposeAuditPorts {
  readonly vaults: readonly UnderCare[];
  readonly services: readonly UnderCare[];
  readonly parts: Pick<AuditParts, 'all'>;
  readonly reports: Pick<AuditReports, 'add' | 'list'>;
  readonly reader: Pick<ReportReader, 'digest'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
  readonly ledger: Pick<Ledger, 'all'>;
  readonly undelivered: () => Promise<AuditFacts['undelivered']>;
  readonly marks: () => Promise<AuditFacts['marks']>;
  /** Writes the audit's backup; answers what is wrong with it. */
  readonly keepBackup: (audit: string, at: string) => Promise<Problem | undefined>;
  /** The report in a form, in pieces. */
  readonly render: (report: AuditReport, form: ReportForm) => Promise<Iterable<string>>;
  readonly settings: AuditSettings;
  /** Worked out when it is first asked for: no start waits for it. */
  readonly publicIssuers: () => readonly string[];
  readonly vaultSuffix: string;
}

/**
 * Makes a report of what was read for an audit, and writes it down. Everything that it says follows
 * from the parts, the ledger and its input: run again it writes the same.
 */
export function makeComposeAudit(ports: ComposeAuditPorts) {
  return async (input: ComposeInput): Promise<ComposedAudit> => {
    // What was read is held in there, and no longer than it takes: the forms need only the report.
    const noBackup = await ports.keepBackup(input.audit, input.startedAt);
    const report = await compose(ports, input, noBackup);
    await ports.reports.add(toSummary(report), (form) => ports.render(report, form));
    const { health, sentence, certificates, findings, acknowledged } = report.headline;
    return { health, sentence, certificates, findings, acknowledged };
  };
}

async function compose(
  ports: ComposeAuditPorts,
  input: ComposeInput,
  noBackup: Problem | undefined,
): Promise<AuditReport> {
  const { audit, by, startedAt, completedAt } = input;
  const { vaults, services } = await gatherParts(ports, input);
  const previous = await previousReport(ports, audit);
  return composeReport(
    {
      ...{ id: audit, startedAt, completedAt, requestedBy: by, vaults, services },
      ledger: await gather(ports.ledger.all()),
      acknowledgements: await ports.acknowledgements.all(),
      undelivered: await ports.undelivered(),
      marks: await ports.marks(),
      ...(previous === undefined ? {} : { previous }),
      ...(noBackup === undefined ? {} : { noBackup }),
      settings: ports.settings,
      publicIssuers: ports.publicIssuers(),
      vaultSuffix: ports.vaultSuffix,
    },
    sha256,
  );
}

/** What was read; of what is under care and has no part, that nobody knows why. */
async function gatherParts(
  ports: ComposeAuditPorts,
  { audit, completedAt }: ComposeInput,
): Promise<{
  readonly vaults: readonly VaultInventory[];
  readonly services: readonly ServiceInventory[];
}> {
  const vaults = new Map<string, VaultInventory>();
  const services = new Map<string, ServiceInventory>();
  const put = (part: VaultInventory | ServiceInventory): void => {
    if (part.kind === 'vault') vaults.set(part.name, part);
    else services.set(part.name, part);
  };
  for await (const part of ports.parts.all(audit)) put(part);
  const without = [
    ...ports.vaults.filter(({ name }) => !vaults.has(name)).map((one) => ['vault', one] as const),
    ...ports.services
      .filter(({ name }) => !services.has(name))
      .map((one) => ['service', one] as const),
  ];
  for (const [kind, one] of without) put(toUnreadable(kind, one, notRead(one), completedAt));
  return { vaults: [...vaults.values()], services: [...services.values()] };
}

function notRead({ name, id }: UnderCare) {
  return {
    code: 'INTERNAL_ERROR',
    message: `This audit holds nothing of ${name}.`,
    resource: id,
    cure: 'Start another audit: certkeeper audit',
  } as const;
}

/** The last report that can be read, besides this audit's own. */
async function previousReport(
  { reports, reader }: ComposeAuditPorts,
  audit: string,
): Promise<ReportDigest | undefined> {
  for await (const { id } of reports.list()) {
    if (id >= audit) continue;
    const report = await reader.digest(id).catch((error: unknown) => {
      if (error instanceof TerminalError && error.problem.code === 'RECORD_UNREADABLE') return;
      throw error;
    });
    if (report !== undefined) return report;
  }
  return undefined;
}

async function gather(all: AsyncIterable<LedgerEntry>): Promise<readonly LedgerEntry[]> {
  const entries: LedgerEntry[] = [];
  for await (const entry of all) entries.push(entry);
  return entries;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
