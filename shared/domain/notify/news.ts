import type { AuditFinding, AuditReport, Severity } from '../audit/audit-report.ts';
import { compareSeverities, isGraver } from '../audit/severity.ts';
import { isStillUnknown, unreadParts } from '../audit/still-unknown.ts';
import { routesOf, type NotifyRule, type Road } from './rules.ts';

/** Of a report: what is needed to tell somebody about it. */
export type TellableReport = Pick<AuditReport, 'id' | 'completedAt' | 'findings'> & {
  readonly headline: Pick<AuditReport['headline'], 'health' | 'sentence'>;
  readonly scope: {
    readonly [Part in keyof AuditReport['scope']]: readonly Pick<
      AuditReport['scope'][Part][number],
      'name' | 'unreadable'
    >[];
  };
};

/** Of a finding: what a message says, and what is kept to say later that it is gone. */
export type TellableFinding = Pick<
  AuditFinding,
  | 'id'
  | 'code'
  | 'severity'
  | 'about'
  | 'resourceId'
  | 'message'
  | 'cure'
  | 'since'
  | 'dueAt'
  | 'dependsOn'
>;

/** What a place was told last about a finding. */
export interface Told {
  readonly finding: TellableFinding;
  /** Id of the report out of which this was written down. */
  readonly report: string;
  /** Somebody has acknowledged it since: it is not spoken of until that is over. */
  readonly muted?: true;
}

export type FindingChange = 'appeared' | 'worsened' | 'cleared';

/** What a place is to be told about a finding. */
export interface FindingNews {
  /** Told again because the first time was not written down, it is the same. */
  readonly identity: string;
  readonly change: FindingChange;
  readonly finding: TellableFinding;
  /** What it was told before. */
  readonly before?: Severity;
  readonly road: Road;
}

/** What is news to a place, and what changes in what it knows without being worth a word. */
export interface NewsOfFindings {
  /** The gravest first; what is over comes last. */
  readonly news: readonly FindingNews[];
  readonly quietly: {
    readonly put: readonly Told[];
    /** Ids of findings. */
    readonly forget: readonly string[];
  };
}

/**
 * What is news to one place: findings that the rules tell it of and it was not told, those that are
 * graver than it was told, and the end of those that it was told. What was eased is no news, but
 * will be if it worsens again. An acknowledged finding is silent, and is new again when that is over.
 *
 * Nothing is said to be over that may only be out of sight: what depends on a vault or service that
 * could not be read is left as it was told.
 *
 * @param told what the place was told, by the ids of the findings
 */
export function newsOf(
  place: string,
  report: TellableReport,
  told: ReadonlyMap<string, Told>,
  rules: readonly NotifyRule[],
): NewsOfFindings {
  const news: FindingNews[] = [];
  const put: Told[] = [];
  const forget: string[] = [];
  const add = (known: Told | undefined, one: Omit<FindingNews, 'identity'>): void => {
    const { id, severity, since } = one.finding;
    const identity = JSON.stringify([id, one.change, severity, known?.report ?? since]);
    news.push({ identity, ...one });
  };
  for (const found of report.findings) {
    const finding = toTellable(found);
    const known = told.get(found.id);
    if (found.acknowledged !== undefined) {
      if (known !== undefined && known.muted !== true)
        put.push({ ...known, report: report.id, muted: true });
      continue;
    }
    const road = routesOf(rules, { kind: 'finding', ...found }).get(place);
    if (known === undefined || known.muted === true) {
      if (road !== undefined) add(known, { change: 'appeared', finding, road });
      // Below what the place wants to hear of by now, and not to be said to be over either.
      else if (known !== undefined) forget.push(found.id);
      continue;
    }
    const before = known.finding.severity;
    if (isGraver(found.severity, before)) {
      if (road !== undefined) add(known, { change: 'worsened', finding, before, road });
    } else if (found.severity !== before || isConcludedOtherwise(found, known.finding)) {
      put.push({ finding, report: report.id });
    }
  }
  const present = new Set(report.findings.map(({ id }) => id));
  const unseen = unreadParts(report.scope);
  for (const [id, known] of told) {
    const { finding, muted } = known;
    if (present.has(id) || isStillUnknown(finding, unseen)) continue;
    if (muted === true) forget.push(id);
    else {
      const road = routesOf(rules, { kind: 'finding', ...finding }).get(place) ?? 'at-once';
      add(known, { change: 'cleared', finding, before: finding.severity, road });
    }
  }
  return { news: news.sort(byGravity), quietly: { put, forget } };
}

/** Long texts are cut where a message is made; a row has to hold this. */
function toTellable(found: AuditFinding): TellableFinding {
  const { id, code, severity, about, resourceId, message, cure, since, dueAt, dependsOn } = found;
  return {
    ...{ id, code, severity, about, resourceId, since },
    message: message.slice(0, LONGEST_KEPT),
    cure: cure.slice(0, LONGEST_KEPT),
    ...(dueAt === undefined ? {} : { dueAt }),
    ...(dependsOn === undefined ? {} : { dependsOn }),
  };
}

const LONGEST_KEPT = 2_000;

/** Then what is kept of it would not tell later what its end depends on. */
function isConcludedOtherwise(one: TellableFinding, other: TellableFinding): boolean {
  return one.dependsOn?.join() !== other.dependsOn?.join();
}

function byGravity(a: FindingNews, b: FindingNews): number {
  const over = Number(a.change === 'cleared') - Number(b.change === 'cleared');
  return over || compareSeverities(a.finding.severity, b.finding.severity);
}
