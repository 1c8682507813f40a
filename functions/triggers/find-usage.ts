/** What uses a certificate at a target or a service: from the index, or from a look made now. */
import {
  judgeUse,
  referenceKey,
  type CertificateReference,
} from '../../shared/domain/certificate-use.ts';
import type { Problem } from '../../shared/domain/errors.ts';
import { presentThumbprintsOf, thumbprintsOf } from '../../shared/domain/known-thumbprints.ts';
import type { LedgerEntry } from '../../shared/domain/ledger-ports.ts';
import type { ServiceUsage, UsageIndex, UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  targetKey,
  type CertificateTarget,
  type Target,
} from '../../shared/domain/target.ts';
import type { TargetState } from '../../shared/domain/target-state.ts';
import { thumbprintIn } from '../../shared/domain/work.ts';
import type { ShownReference, UsageVerdict } from '../../shared/http/usage-view.ts';

/** An answer is for people: what is used in more places than these is used. */
const MOST_REFERENCES = 500;

export interface UsagePorts {
  readonly index: Pick<UsageIndex, 'of' | 'ofSource'>;
  readonly scanner: UsageScanner;
  /** Reads a target from API Management. */
  readonly observe: (input: { readonly target: CertificateTarget }) => Promise<TargetState>;
}

/** What was found, and how old it is. */
interface Found {
  readonly asOf?: string;
  readonly live: boolean;
  readonly references: readonly ShownReference[];
  readonly leftOut?: number;
}

interface FoundTarget extends Found {
  readonly target: string;
  readonly verdict: UsageVerdict;
  readonly problem?: Problem;
  readonly missing?: true;
}

/**
 * What is at a target that is not bound: one call. It may be mistyped, and what somebody else put
 * there is used by a thumbprint that the ledger does not know. Undefined = it is bound.
 */
export async function seeUnbound(
  { observe }: Pick<UsagePorts, 'observe'>,
  { bindings }: LedgerEntry,
  target: CertificateTarget,
): Promise<TargetState | undefined> {
  const isBound = bindings.some((one) => targetKey(one.target) === targetKey(target));
  return isBound ? undefined : await observe({ target });
}

/** What follows from CA certificates and keys of applications stands nowhere in API Management. */
export function notLookedFor(target: Target): FoundTarget {
  const path = formatTarget(target);
  const problem: Problem = {
    code: 'USAGE_UNKNOWN',
    message: `What relies on ${path} cannot be seen from API Management: it is not looked for.`,
    resource: path,
  };
  return { target: path, verdict: 'unknown', live: false, references: [], problem };
}

/** Looks at services now. */
export async function scanAll(
  scanner: UsageScanner,
  services: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ServiceUsage>> {
  const scans = new Map<string, ServiceUsage>();
  // One after the other: each takes its share of what Azure allows.
  for (const service of services) scans.set(service, await scanner.scan(service));
  return scans;
}

/** A target, with what is known of it. */
interface Looked {
  readonly entry: LedgerEntry;
  readonly target: CertificateTarget;
  /** What it holds, where that was read. */
  readonly seen: TargetState | undefined;
}

/** What uses the certificate of a target. */
export async function lookAt(
  ports: Pick<UsagePorts, 'index'>,
  scans: ReadonlyMap<string, ServiceUsage> | undefined,
  looked: Looked,
): Promise<FoundTarget> {
  const found = await findUse(ports, scans, looked);
  return looked.seen?.kind === 'absent' ? notThere(looked.target, found) : found;
}

async function findUse(
  { index }: Pick<UsagePorts, 'index'>,
  scans: ReadonlyMap<string, ServiceUsage> | undefined,
  { entry, target, seen }: Looked,
): Promise<FoundTarget> {
  const thumbprints = thumbprintsOf(entry, target, seen && thumbprintIn(seen));
  const scan = scans?.get(target.service);
  const path = formatTarget(target);
  if (scan !== undefined) {
    const all = scan.of(target, thumbprints);
    const references = await markStale(all, entry, target, (present) => scan.of(target, present));
    return { target: path, verdict: judgeUse(references), ...shorten(scan.asOf, true, references) };
  }
  const known = await index.of(target, thumbprints);
  if (known === undefined) {
    const problem = neverLooked(target);
    return { target: path, verdict: 'unknown', live: false, references: [], problem };
  }
  const references = await markStale(known.references, entry, target, async (present) => {
    const found = await index.of(target, present);
    return found?.leftOut === undefined ? found?.references : undefined;
  });
  const found = shorten(known.asOf, false, references, known.leftOut);
  return { target: path, verdict: judgeUse(known.references), ...found };
}

/** Nobody takes it for a certificate that nothing uses. What refers to it all the same, does. */
function notThere(target: CertificateTarget, found: FoundTarget): FoundTarget {
  const path = formatTarget(target);
  const problem: Problem = {
    code: 'USAGE_UNKNOWN',
    message: `There is no certificate ${path} in API Management.`,
    resource: path,
    cure: 'Correct the path: its last part is the id of the certificate in API Management.',
  };
  const verdict = found.verdict === 'unused' ? 'unknown' : found.verdict;
  return { ...found, verdict, missing: true, problem };
}

/**
 * References with what is stale of them: by a thumbprint that is not, and will not be, at the target.
 * @param find what refers by some thumbprints; undefined = not all of it is known
 */
async function markStale(
  references: readonly CertificateReference[],
  entry: LedgerEntry,
  target: CertificateTarget,
  find: (
    thumbprints: readonly string[],
  ) => Found['references'] | undefined | Promise<Found['references'] | undefined>,
): Promise<readonly ShownReference[]> {
  const present = presentThumbprintsOf(entry, target);
  if (present === undefined || !references.some(({ by }) => by === 'thumbprint')) return references;
  const resolving = await find(present);
  if (resolving === undefined) return references;
  const fresh = new Set(resolving.map(referenceKey));
  return references.map((one) =>
    one.by === 'thumbprint' && !fresh.has(referenceKey(one)) ? { ...one, stale: true } : one,
  );
}

/** What reads the certificate from Key Vault by itself, at a service. */
export async function readersAt(
  { index }: Pick<UsagePorts, 'index'>,
  scans: ReadonlyMap<string, ServiceUsage> | undefined,
  source: Source,
  service: string,
): Promise<{ readonly service: string } & Found> {
  const scan = scans?.get(service);
  if (scan !== undefined) return { service, ...shorten(scan.asOf, true, scan.ofSource(source)) };
  const known = await index.ofSource(service, source);
  return {
    service,
    ...shorten(known?.asOf, false, known?.references ?? [], known?.leftOut),
  };
}

function shorten(
  asOf: string | undefined,
  live: boolean,
  references: readonly ShownReference[],
  more = 0,
): Found {
  const leftOut = Math.max(0, references.length - MOST_REFERENCES) + more;
  return {
    ...(asOf === undefined ? {} : { asOf }),
    live,
    references: references.slice(0, MOST_REFERENCES),
    ...(leftOut === 0 ? {} : { leftOut }),
  };
}

function neverLooked(target: CertificateTarget): Problem {
  return {
    code: 'USAGE_UNKNOWN',
    message: `No sweep has finished looking at what uses the certificates of ${target.service}.`,
    resource: formatTarget(target),
    cure: 'Ask with live=true, or let a sweep run: POST /api/sweeps',
  };
}
