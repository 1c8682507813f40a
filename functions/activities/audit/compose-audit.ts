import { createHash } from 'node:crypto';
import { toUnreadable, type UnderCare } from './note-unreadable.ts';
import type { ComposedAudit, ComposeInput } from '../../../shared/contracts/audit.ts';
import type { AuditFacts, AuditSettings } from '../../../shared/domain/audit/audit-facts.ts';
import type {
  Acknowledgements,
  AuditParts,
  AuditReports,
  ReportForm,
} from '../../../shared/domain/audit/audit-ports.ts';
import type { AuditReport } from '../../../shared/domain/audit/audit-report.ts';
import { toSummary } from '../../../shared/domain/audit/audit-summary.ts';
import { composeReport } from '../../../shared/domain/audit/compose-report.ts';
import type { ServiceInventory, VaultInventory } from '../../../shared/domain/audit/inventory.ts';
import type { Ledger, LedgerEntry } from '../../../shared/domain/ledger-ports.ts';

export interface ComposeAuditPorts {
  readonly vaults: readonly UnderCare[];
  readonly services: readonly UnderCare[];
  readonly parts: Pick<AuditParts, 'all'>;
  readonly reports: Pick<AuditReports, 'add' | 'list' | 'read'>;
  readonly acknowledgements: Pick<Acknowledgements, 'all'>;
  readonly ledger: Pick<Ledger, 'all'>;
  readonly undelivered: () => Promise<AuditFacts['undelivered']>;
  /** Undefined for what is no report, or not of a version that is known here. */
  readonly readReport: (json: Uint8Array) => AuditReport | undefined;
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
    const { audit, by, startedAt, completedAt } = input;
    const { vaults, services } = await gatherParts(ports, input);
    const previous = await previousReport(ports, audit);
    const report = composeReport(
      {
        ...{ id: audit, startedAt, completedAt, requestedBy: by, vaults, services },
        ledger: await gather(ports.ledger.all()),
        acknowledgements: await ports.acknowledgements.all(),
        undelivered: await ports.undelivered(),
        ...(previous === undefined ? {} : { previous }),
        settings: ports.settings,
        publicIssuers: ports.publicIssuers(),
        vaultSuffix: ports.vaultSuffix,
      },
      sha256,
    );
    await ports.reports.add(toSummary(report), (form) => ports.render(report, form));
    const { health, sentence, certificates, findings, acknowledged } = report.headline;
    return { health, sentence, certificates, findings, acknowledged };
  };
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
  { reports, readReport }: ComposeAuditPorts,
  audit: string,
): Promise<AuditReport | undefined> {
  for await (const { id } of reports.list()) {
    if (id >= audit) continue;
    const json = await reports.read(id, 'json');
    const report = json === undefined ? undefined : readReport(json);
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
