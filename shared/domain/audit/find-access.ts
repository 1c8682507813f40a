/**
 * What access checks saw. What lies between a service and a vault is told once, about the service,
 * however many of its certificates it keeps from being read.
 */
import { passesByItself } from '../access-check.ts';
import type { AccessRecord } from '../access-record.ts';
import type { Problem } from '../errors.ts';
import { formatSource, type Source } from '../source.ts';
import { formatTarget, targetKey } from '../target.ts';
import type { AuditView } from './audit-view.ts';
import { isRepeated, type RepeatedCode } from './finding-codes.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { gravityOf, type Check, type Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { count } from './wording.ts';
import { compareSeverities, milderOf } from './severity.ts';
import type { Standing } from './standing.ts';
import { aboutService, aboutSource, aboutTarget, type About } from './whereabouts.ts';

export const findAccess: Check = (view) => {
  const troubles = new Map<string, Trouble>();
  for (const { record, bindings, access = [] } of view.ledger.values()) {
    const bound = new Set(bindings.map(({ target }) => targetKey(target)));
    for (const checked of access) {
      if (!bound.has(targetKey(checked.target)) || isMoot(checked, view)) continue;
      for (const problem of checked.problems) {
        const { code } = problem;
        if (!isRepeated(code) || passesByItself(problem)) continue;
        note(troubles, toSighting({ code, problem, source: record.source, checked }, view));
      }
    }
  }
  return [...troubles.values()].map(toFound);
};

const MOOT: ReadonlySet<Standing> = new Set([
  'orphaned',
  'source-gone',
  'source-deleted',
  'source-disabled',
  'vault-gone',
]);

/** Whether a place has no source to read, which is told by itself. */
function isMoot({ target }: AccessRecord, { places }: AuditView): boolean {
  const standing = places.get(targetKey(target))?.standing;
  return standing !== undefined && MOOT.has(standing);
}

interface Seen {
  readonly code: RepeatedCode;
  readonly problem: Problem;
  readonly source: Source;
  readonly checked: AccessRecord;
}

/** One problem, and how grave it is at one target. */
interface Sighting {
  readonly found: Found;
  readonly target: string;
}

function toSighting(seen: Seen, view: AuditView): Sighting {
  const { code, problem, source, checked } = seen;
  const { resource = '', message, cure } = problem;
  const place = view.places.get(targetKey(checked.target));
  // What is only in doubt, or was no more than noticed, is of middling weight at most.
  const blocks = checked.told.includes(code);
  const { severity, dueAt } = gravityOf(code, place?.row.expiresAt, view.facts);
  return {
    target: targetKey(checked.target),
    found: {
      code,
      severity: blocks ? severity : milderOf(FINDING_KINDS[code].severity, 'medium'),
      ...aboutWhat(seen, view),
      message: toPlainText(message, 1_000),
      cure: toPlainText(cure ?? `npx certkeeper access ${formatSource(source)} {target}`, 2_000),
      ...(blocks && dueAt !== undefined ? { dueAt } : {}),
      key: `${source.vault} ${resource.toLowerCase()}`,
      dependsOn: [source.vault, ...('service' in checked.target ? [checked.target.service] : [])],
    },
  };
}

/** A problem names the resource that it concerns: the target, the certificate, or what is around. */
function aboutWhat({ problem, source, checked: { target } }: Seen, view: AuditView): About {
  if (problem.resource === formatSource(source)) return aboutSource(view, source);
  if (problem.resource === undefined || problem.resource === formatTarget(target)) {
    return aboutTarget(view, source, target);
  }
  return 'service' in target ? aboutService(view, target.service) : aboutSource(view, source);
}

interface Trouble {
  gravest: Found;
  readonly targets: Set<string>;
  /** Vaults and services where it was seen. */
  readonly parts: Set<string>;
}

/** Of the same problem before several targets the gravest is told, with the day that comes first. */
function note(troubles: Map<string, Trouble>, { found, target }: Sighting): void {
  const id = JSON.stringify([found.code, found.about, found.key]);
  const known = troubles.get(id);
  if (known === undefined) {
    const parts = new Set(found.dependsOn);
    troubles.set(id, { gravest: found, targets: new Set([target]), parts });
    return;
  }
  known.targets.add(target);
  const { gravest } = known;
  const [dueAt] = [gravest.dueAt, found.dueAt].filter((at) => at !== undefined).sort();
  for (const part of found.dependsOn ?? []) known.parts.add(part);
  known.gravest = { ...graverOf(gravest, found), ...(dueAt === undefined ? {} : { dueAt }) };
}

/** Of two that are as grave the one that comes first by its words, whichever was seen first. */
function graverOf(a: Found, b: Found): Found {
  const course = compareSeverities(a.severity ?? 'low', b.severity ?? 'low');
  const words = ({ message, cure }: Found): string => `${message} ${cure}`;
  return (course === 0 ? words(a) <= words(b) : course < 0) ? a : b;
}

function toFound({ gravest, targets, parts }: Trouble): Found {
  if (targets.size === 1) return gravest;
  return {
    ...gravest,
    dependsOn: [...parts],
    message: `${gravest.message} It stands before ${count(targets.size, 'target')}.`,
  };
}
