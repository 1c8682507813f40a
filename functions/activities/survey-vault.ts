import { recover, undoRemovals, type ComeBackPorts } from './cleanup/come-back.ts';
import { doubtVault } from './cleanup/doubt-vault.ts';
import { makePlans, readOnly, SILENT, type Plans } from './cleanup/dry-run.ts';
import { findGone, type FindGonePorts, type FoundGone } from './cleanup/find-gone.ts';
import { collectProblems, type Problems } from './cleanup/problems.ts';
import { confirm, learn, whySync } from './compare-listed.ts';
import type { SurveyedVault } from '../../shared/contracts/sweep.ts';
import type { OpenCleanup } from '../../shared/domain/cleanup.ts';
import { TerminalError, TransientError, type Problem } from '../../shared/domain/errors.ts';
import type { AccessReader } from '../../shared/domain/access-ports.ts';
import type { Cleanups } from '../../shared/domain/cleanup-ports.ts';
import type { Ledger, LedgerEntry } from '../../shared/domain/ledger-ports.ts';
import type { ListedSource, SourceSightings, Vaults } from '../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../shared/domain/source.ts';
import { expiredSource, leftBehind } from '../../shared/domain/sweep-findings.ts';
import { formatTarget, isCertificateTarget, type Target } from '../../shared/domain/target.ts';

export interface SurveyVaultPorts extends Omit<FindGonePorts & ComeBackPorts, 'ledger'> {
  readonly ledger: Ledger;
  readonly cleanups: Pick<
    Cleanups,
    'close' | 'doubt' | 'doubted' | 'findOpen' | 'open' | 'replace'
  >;
  readonly vaults: Vaults & SourceSightings;
  readonly access: Pick<AccessReader, 'vault'>;
  /** `CERTKEEPER_REPAIR_REFERENCES=repair`. */
  readonly repair: boolean;
  readonly now: () => Date;
}

export interface SurveyVaultInput {
  readonly vault: string;
  readonly operation?: string;
  /** ISO 8601. */
  readonly at?: string;
  readonly dryRun?: boolean;
}

/** One survey under way. */
interface Survey {
  readonly ports: SurveyVaultPorts;
  readonly vault: string;
  readonly operation: string;
  readonly at: string;
  readonly plans: Plans;
  readonly problems: Problems;
  readonly findings: Problems;
  readonly dryRun: boolean;
  readonly ask: (source: Source, reason: string) => Promise<void>;
}

/** A first survey of a large vault is not held up; the next ones learn the rest. */
const LEARNT_IN_A_SURVEY = 100;

/**
 * Lists a vault's certificates, compares each with its bindings and asks for a sync wherever
 * something is not as it should be. What is back is taken up again; what the list, read to its end,
 * does not show is looked for. Idempotent: an unneeded sync finds nothing to do. A source whose sync
 * cannot be asked for is reported and holds up no other.
 *
 * Thrown when the vault cannot be listed: then nothing is concluded about what is in it. When that is
 * because the vault is gone: TerminalError `VAULT_DELETED` or `VAULT_NOT_FOUND`.
 *
 * @param requestSync starts a sync, or makes a running one look again
 */
export function makeSurveyVault(ports: SurveyVaultPorts) {
  return async (
    input: SurveyVaultInput,
    requestSync: (source: Source) => Promise<void>,
  ): Promise<SurveyedVault> => {
    const { vault, dryRun = false, operation = 'sweep' } = input;
    let syncs = 0;
    const survey: Survey = {
      ...{ vault, operation, dryRun },
      ports: dryRun ? withoutWrites(ports) : ports,
      at: input.at ?? ports.now().toISOString(),
      plans: makePlans(),
      problems: collectProblems(),
      findings: collectProblems(),
      async ask(source, reason) {
        survey.plans.note({ source, action: 'sync', reason });
        try {
          if (!dryRun) await requestSync(source);
          syncs += 1;
        } catch (error) {
          survey.problems.add(toProblem(source, error));
        }
      },
    };
    const entries = await entriesOf(survey);
    const listed = await surveyListed(survey, entries).catch(async (error: unknown) => {
      await doubtWhereGone(survey, entries, error);
      throw error;
    });
    const gone = await surveyGone(survey, entries, listed.alive);
    const { problems: findings, problemsLeftOut: findingsLeftOut } = survey.findings.told();
    return {
      ...listed.counts,
      syncs,
      ...gone,
      ...survey.problems.told(),
      ...{ findings, findingsLeftOut },
      ...(dryRun ? survey.plans.told() : {}),
    };
  };
}

function withoutWrites(ports: SurveyVaultPorts): SurveyVaultPorts {
  const cleanups: SurveyVaultPorts['cleanups'] = {
    open: (vault) => ports.cleanups.open(vault),
    findOpen: (open) => ports.cleanups.findOpen(open),
    doubted: (vault) => ports.cleanups.doubted(vault),
    replace: () => Promise.resolve(true),
    close: () => Promise.resolve(),
    doubt: () => Promise.resolve(),
  };
  return { ...ports, ...SILENT, cleanups, ledger: readOnly(ports.ledger) };
}

async function entriesOf({ ports, vault }: Survey): Promise<Map<string, LedgerEntry>> {
  const entries = new Map<string, LedgerEntry>();
  for await (const entry of ports.ledger.all(vault)) {
    entries.set(formatSource(entry.record.source), entry);
  }
  return entries;
}

/** What the vault lists; takes it out of the entries, so that what is left is not listed. */
async function surveyListed(survey: Survey, entries: Map<string, LedgerEntry>) {
  const { ports, at, ask, dryRun, findings } = survey;
  const removals = await openRemovals(survey);
  const counts = { certificates: 0, present: 0, disabled: 0, expired: 0, recovered: 0, rebound: 0 };
  const alive: ListedSource[] = [];
  let learnt = 0;
  for await (const listed of list(survey)) {
    const key = formatSource(listed.source);
    const entry = entries.get(key);
    entries.delete(key);
    alive.push(listed);
    counts.certificates += 1;
    if (entry !== undefined && entry.bindings.length > 0) {
      const state = stateOf(listed, at);
      counts[state] += 1;
      if (state === 'expired' && listed.expiresAt !== undefined) {
        findings.add(expiredSource(listed.source, listed.expiresAt));
      }
    }
    const back = await takeUp(survey, listed, entry, removals.get(key) ?? []);
    removals.delete(key);
    counts.recovered += back.recovered;
    counts.rebound += back.rebound;
    const why = back.recovered + back.rebound > 0 ? 'SourceBack' : whySync(listed, entry, ports);
    if (why !== undefined) await ask(listed.source, why);
    else if (entry !== undefined && !dryRun) {
      const record = await confirm(ports.ledger, entry, listed, at);
      if (record.verified !== undefined || entry.bindings.length === 0) continue;
      if (learnt >= LEARNT_IN_A_SURVEY) continue;
      learnt += 1;
      await learn(ports, record, listed);
    }
  }
  for (const open of [...removals.values()].flat()) {
    if (open.until < at) await ports.cleanups.close(open);
  }
  return { counts, alive };
}

/** Why a vault cannot be listed is said by Resource Manager, where it is the vault itself. */
async function* list({ ports, vault }: Survey): AsyncIterable<ListedSource> {
  try {
    yield* ports.vaults.list(vault);
  } catch (error) {
    await ports.access.vault(vault).catch((second: unknown) => {
      const code = second instanceof TerminalError ? second.problem.code : undefined;
      if (code === 'VAULT_DELETED' || code === 'VAULT_NOT_FOUND') throw second;
    });
    throw error;
  }
}

/** That a vault is gone in which something is bound is told once; its certificates stay in place. */
async function doubtWhereGone(
  { ports, vault, operation, at }: Survey,
  entries: ReadonlyMap<string, LedgerEntry>,
  error: unknown,
): Promise<void> {
  const problem = error instanceof TerminalError ? error.problem : undefined;
  if (problem?.code !== 'VAULT_DELETED' && problem?.code !== 'VAULT_NOT_FOUND') return;
  const sources = [...entries.values()].flatMap(({ record, bindings }) =>
    bindings.length > 0 ? [record.source] : [],
  );
  if (sources.length > 0) await doubtVault(ports, { vault, problem, sources, operation, at });
}

async function openRemovals({
  ports,
  problems,
  vault,
}: Survey): Promise<Map<string, OpenCleanup[]>> {
  const removals = new Map<string, OpenCleanup[]>();
  const found = await ports.cleanups.open(vault);
  problems.add(...found.unreadable);
  for (const open of found.removals) {
    const key = formatSource(open.source);
    removals.set(key, [...(removals.get(key) ?? []), open]);
  }
  return removals;
}

function stateOf({ enabled, expiresAt }: ListedSource, at: string) {
  if (!enabled) return 'disabled';
  return expiresAt !== undefined && expiresAt < at ? 'expired' : 'present';
}

async function takeUp(
  { ports, plans, problems, operation, at }: Survey,
  listed: ListedSource,
  entry: LedgerEntry | undefined,
  removals: readonly OpenCleanup[],
): Promise<{ readonly recovered: number; readonly rebound: number }> {
  const { source } = listed;
  const orphans = entry?.orphans ?? [];
  const note = (action: 'recover' | 'rebind', target: Target): void => {
    plans.note({ source, target: formatTarget(target), action, reason: 'SourceBack' });
  };
  for (const { target } of orphans) note('recover', target);
  const when = { operation, at };
  const recovered = await recover(ports, source, orphans, when);
  const rebound = await undoRemovals(ports, listed.tags, removals, when, problems);
  for (const target of rebound) note('rebind', target);
  return { recovered, rebound: rebound.length };
}

/** What the ledger knows and the vault does not list: deleted, or never there. */
async function surveyGone(
  survey: Survey,
  entries: ReadonlyMap<string, LedgerEntry>,
  alive: readonly ListedSource[],
) {
  const { ports, problems, findings, plans, ask } = survey;
  const bound = [...entries.values()].filter(({ bindings }) => bindings.length > 0);
  const found = await findGone(ports, { ...survey, entries: bound, alive }, problems);
  for (const { source, orphan, known } of found.orphans) {
    const reason = orphan.fate === 'purged' ? 'SourcePurged' : 'SourceDeleted';
    const target = formatTarget(orphan.target);
    if (!known) plans.note({ source, target, action: 'orphan', reason });
  }
  for (const { source, target } of found.leftBehind) findings.add(leftBehind(source, target));
  for (const entry of bound) {
    if (!isSettled(entry)) await ask(entry.record.source, 'NotListed');
  }
  const { softDeleted, purged, unknown, believed } = found;
  return {
    ...{ softDeleted, purged, unknown, believed },
    orphaned: found.orphans.length,
    orphanedAt: servicesOf(found),
  };
}

/** A sync has said of every target that its source is gone: it has nothing more to say. */
function isSettled({ bindings, orphans = [] }: LedgerEntry): boolean {
  const said = bindings.every(
    ({ claimed, leaving, status, problem }) =>
      claimed && leaving !== true && status === 'blocked' && problem?.code === 'SOURCE_NOT_FOUND',
  );
  // Of what no clean-up removes, e.g. keys, there is no row.
  const cleaned = bindings.filter(({ target }) => isCertificateTarget(target));
  return said && orphans.length === cleaned.length;
}

function servicesOf({ orphans }: FoundGone): readonly string[] {
  const services = orphans.flatMap(({ orphan: { target } }) =>
    'service' in target ? [target.service] : [],
  );
  return [...new Set(services)].sort();
}

function toProblem(source: Source, error: unknown): Problem {
  if (error instanceof TerminalError || error instanceof TransientError) return error.problem;
  return {
    code: 'INTERNAL_ERROR',
    message: `A sync of ${formatSource(source)} could not be asked for, in a way that Certkeeper did not foresee.`,
    resource: formatSource(source),
    cure: 'The next sweep asks again; if it stays so, look at the status of its instance.',
  };
}
