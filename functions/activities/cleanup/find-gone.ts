import { problemOf, type Problems } from './problems.ts';
import { tell, toTargetEvent } from '../tell.ts';
import { believeVault, doubtVault, type DoubtVaultPorts } from './doubt-vault.ts';
import { readAskedTargets } from '../../../shared/domain/asked-targets.ts';
import type { Orphan, SourceSighting } from '../../../shared/domain/cleanup.ts';
import { doubtedVault } from '../../../shared/domain/cleanup-words.ts';
import { mapBounded } from '../../../shared/map-bounded.ts';
import { judgeTraceless, nextOrphan, type Gone } from '../../../shared/domain/orphans.ts';
import type { History, Ledger, LedgerEntry } from '../../../shared/domain/ledger-ports.ts';
import type { ListedSource, SourceSightings, Vaults } from '../../../shared/domain/vault-ports.ts';
import { formatSource, type Source } from '../../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  targetKey,
  type Target,
} from '../../../shared/domain/target.ts';

export interface FindGonePorts extends DoubtVaultPorts {
  readonly ledger: Pick<Ledger, 'saveOrphans'>;
  readonly vaults: Pick<Vaults, 'versions'> & SourceSightings;
  readonly history: Pick<History, 'add'>;
}

export interface FoundGone {
  readonly softDeleted: number;
  readonly purged: number;
  /** Sources of which nothing can be concluded. */
  readonly unknown: number;
  /** Whether the vault is taken to be the one that it was. */
  readonly believed: boolean;
  /** Of each source that is gone: every target, and whether it was known before. */
  readonly orphans: readonly {
    readonly source: Source;
    readonly orphan: Orphan;
    readonly known: boolean;
  }[];
  /** Targets of sources that are gone, of kinds that no clean-up removes: CA certificates, keys. */
  readonly leftBehind: readonly { readonly source: Source; readonly target: Target }[];
}

interface Seen {
  readonly entry: LedgerEntry;
  /** Undefined = nothing is concluded of it. */
  readonly sighting: SourceSighting | undefined;
}

/** Sources that are looked at side by side. */
const SIDE_BY_SIDE = 6;
/** Whose versions are looked through for one that is old enough. */
const WITNESSES = 3;

/**
 * Finds out what became of sources that their vault, which was listed completely, does not show, and
 * writes down the targets that are orphans by it. Whatever the vault does not say clearly is left as
 * it is: a refusal, a time-out, a certificate that is being deleted at this moment, one that never was
 * verified and has left no trace. Where the vault itself looks as if it had been made anew, no orphan
 * at all is written, and that is told once.
 *
 * The row is written before the event is published, and says afterwards that it was: a run that was
 * cut off publishes it again, under the same id.
 */
export async function findGone(
  ports: FindGonePorts,
  facts: {
    readonly vault: string;
    readonly entries: readonly LedgerEntry[];
    /** What the vault lists. */
    readonly alive: readonly ListedSource[];
    readonly operation: string;
    /** ISO 8601. */
    readonly at: string;
  },
  problems: Problems,
): Promise<FoundGone> {
  const sighted = await mapBounded(facts.entries, SIDE_BY_SIDE, (entry) =>
    sight(ports, entry, problems),
  );
  const { seen, strange } = await judgeVault(ports, facts.alive, sighted);
  const unknown = seen.filter(({ sighting }) => sighting === undefined).length;
  if (strange.length > 0) {
    const problem = doubtedVault(facts.vault, strange.map(formatSource));
    problems.add(problem);
    await doubtVault(ports, { ...facts, problem, sources: strange });
  } else if (unknown === 0) {
    await believeVault(ports, facts.vault);
  }
  const gone = seen.flatMap(({ entry, sighting }) =>
    sighting === undefined || sighting.kind === 'present' ? [] : [{ entry, sighting }],
  );
  if (strange.length > 0) {
    const nothing = { softDeleted: 0, purged: 0, orphans: [], leftBehind: [] };
    return { ...nothing, unknown: seen.length, believed: false };
  }
  const orphans: FoundGone['orphans'][number][] = [];
  for (const { entry, sighting } of gone) {
    for (const one of await writeDown(ports, entry, sighting, facts)) orphans.push(one);
  }
  return {
    softDeleted: gone.filter(({ sighting }) => sighting.kind === 'soft-deleted').length,
    purged: gone.filter(({ sighting }) => sighting.kind === 'traceless').length,
    unknown,
    believed: true,
    orphans,
    leftBehind: gone.flatMap(({ entry: { record, bindings } }) =>
      bindings.flatMap(({ target, claimed, leaving }) =>
        claimed && leaving !== true && !isCertificateTarget(target)
          ? [{ source: record.source, target }]
          : [],
      ),
    ),
  };
}

async function sight(
  { vaults }: FindGonePorts,
  entry: LedgerEntry,
  problems: Problems,
): Promise<Seen> {
  try {
    return { entry, sighting: await vaults.sight(entry.record.source) };
  } catch (error) {
    problems.add(problemOf(error));
    return { entry, sighting: undefined };
  }
}

/**
 * Tells of each source without a trace whether it was purged, or whether it is the vault that is
 * another one.
 */
async function judgeVault(
  { vaults }: FindGonePorts,
  alive: readonly ListedSource[],
  seen: readonly Seen[],
): Promise<{ readonly seen: readonly Seen[]; readonly strange: readonly Source[] }> {
  if (!seen.some(({ sighting }) => sighting?.kind === 'traceless')) return { seen, strange: [] };
  // What is deleted and still known tells as much of the vault as what is there.
  const deleted = seen.flatMap(({ sighting }) =>
    sighting?.kind === 'soft-deleted' ? [sighting.createdAt ?? NEVER] : [],
  );
  const ages = [...alive.map(({ createdAt }) => createdAt ?? NEVER), ...deleted];
  const strange = (): readonly Source[] =>
    seen.filter((one) => judge(one, ages) === 'vault-anew').map(({ entry }) => entry.record.source);
  const oldest = [...alive].sort((a, b) =>
    (a.createdAt ?? NEVER).localeCompare(b.createdAt ?? NEVER),
  );
  for (const { source } of oldest.slice(0, WITNESSES)) {
    if (strange().length === 0) break;
    // A rotation has made the current version young; the first ones tell how old the vault is.
    const versions = await vaults.versions(source).catch((error: unknown) => {
      problemOf(error);
      return [];
    });
    ages.push(...versions.map(({ createdAt }) => createdAt));
  }
  return {
    seen: seen.map((one) =>
      judge(one, ages) === 'unknown' ? { entry: one.entry, sighting: undefined } : one,
    ),
    strange: strange(),
  };
}

/** Younger than anything. */
const NEVER = '9999';

/** Undefined = it has left a trace. */
function judge(
  { entry: { bindings, orphans }, sighting }: Seen,
  ages: readonly string[],
): ReturnType<typeof judgeTraceless> | undefined {
  if (sighting?.kind !== 'traceless') return undefined;
  const verified = bindings.flatMap(({ verifiedAt }) =>
    verifiedAt === undefined ? [] : [verifiedAt],
  );
  return judgeTraceless(orphans?.[0], verified.sort().at(-1), ages);
}

async function writeDown(
  { ledger, history, publisher }: FindGonePorts,
  { record, bindings, orphans: known = [] }: LedgerEntry,
  sighting: Gone,
  { operation, at }: { readonly operation: string; readonly at: string },
): Promise<FoundGone['orphans']> {
  const { source } = record;
  const tags = sighting.kind === 'soft-deleted' ? sighting.tags : {};
  const handsOff = record.ignored === true || readAskedTargets(tags, source).kind === 'ignore';
  const rows = bindings.flatMap(({ target, claimed, leaving }) => {
    // What was only asked for has put nothing there, and what is detached is a sync's to see to.
    if (!claimed || leaving === true || !isCertificateTarget(target)) return [];
    const before = known.find((one) => targetKey(one.target) === targetKey(target));
    const orphan = nextOrphan(before, target, sighting, { at, handsOff });
    return [{ source, orphan, known: before !== undefined }];
  });
  const orphans = rows.map(({ orphan }) => orphan);
  await ledger.saveOrphans(source, orphans);
  const news = orphans.filter(({ told }) => !told);
  if (news.length === 0) return rows;
  for (const { target, since, fate } of news) {
    await history.add({
      ...{ source, at: since, what: 'orphan', by: { kind: 'platform' } },
      targets: [
        {
          target: formatTarget(target),
          outcome: 'orphaned',
          reason: fate === 'purged' ? 'SourcePurged' : 'SourceDeleted',
          problem: 'TARGET_ORPHANED',
        },
      ],
    });
  }
  const events = news.map((orphan) =>
    toTargetEvent(source, orphan.target, {
      type: 'Certkeeper.TargetOrphaned',
      at,
      operation,
      identity: [orphan.since],
      data: {
        fate: orphan.fate,
        since: orphan.since,
        ...(orphan.recoverableUntil === undefined
          ? {}
          : { recoverableUntil: orphan.recoverableUntil }),
      },
    }),
  );
  if ((await tell(publisher, events)) === 'told') {
    await ledger.saveOrphans(
      source,
      news.map((orphan) => ({ ...orphan, told: true })),
    );
  }
  return rows;
}
