/**
 * What a rotation breaks: references by thumbprint to the version that goes. They stop resolving at
 * the moment in which the target gets its new one.
 */
import type { CertificateReference } from './certificate-use.ts';
import { describeReferences } from './describe-reference.ts';
import type { Problem } from './errors.ts';
import { formatSource, type Source } from './source.ts';
import { formatTarget, type CertificateTarget, type Target } from './target.ts';
import { scopeOf, SERVICE_SCOPE } from './use-scope.ts';

/** What refers to a target by the thumbprint that goes. */
export interface Breaking {
  /** The thumbprints that go, or went before, each 40 upper-case hex digits. */
  readonly thumbprints: readonly string[];
  /** How old the knowledge is, ISO 8601. */
  readonly asOf: string;
  /** All of them certain, and by thumbprint. */
  readonly references: readonly CertificateReference[];
  /** How many more there are, at most. */
  readonly leftOut?: number;
}

/** Whatever passes through an orchestration is stored: more are not carried along. */
const MOST_REFERENCES = 20;

/** What was found under one thumbprint. */
export interface FoundUnder {
  readonly thumbprint: string;
  /** ISO 8601. */
  readonly asOf: string;
  readonly references: readonly CertificateReference[];
  /** How many more there are under it than are given. */
  readonly leftOut?: number;
}

/** What of a look-up a target's rotation breaks; undefined = nothing. */
export function toBreaking(
  target: CertificateTarget,
  found: readonly FoundUnder[],
): Breaking | undefined {
  const broken = found
    .map((one) => ({ ...one, references: one.references.filter((each) => breaks(each, target)) }))
    .filter(({ references, leftOut = 0 }) => references.length > 0 || leftOut > 0);
  const [first, ...others] = broken;
  if (first === undefined) return undefined;
  const all = broken.flatMap(({ references }) => references);
  const references = all.slice(0, MOST_REFERENCES);
  const unseen = broken.reduce((sum, { leftOut = 0 }) => sum + leftOut, 0);
  const leftOut = all.length - references.length + unseen;
  return {
    thumbprints: broken.map(({ thumbprint }) => thumbprint),
    asOf: others.reduce((oldest, { asOf }) => (asOf < oldest ? asOf : oldest), first.asOf),
    references,
    ...(leftOut === 0 ? {} : { leftOut }),
  };
}

/**
 * Whether a reference stops resolving when a target's thumbprint goes. What belongs to a workspace
 * refers to certificates of that workspace ("Workspaces in Azure API Management").
 */
export function breaks(reference: CertificateReference, target: CertificateTarget): boolean {
  const { by, certainty, document } = reference;
  const workspace = target.kind === 'workspace-certificate' ? target.workspace : SERVICE_SCOPE;
  return (
    by === 'thumbprint' &&
    certainty === 'certain' &&
    scopeOf(document) === workspace.toLowerCase() &&
    !isPassedOver(reference)
  );
}

/** Beside an id a backend's thumbprint is ignored (REST reference "Backend"). */
function isPassedOver({ kind, repairable, via, at }: CertificateReference): boolean {
  // What the nodes of a cluster present has no field for an id.
  const ofNodes = at.includes('serverCertificateThumbprints');
  return kind === 'backend' && !repairable && via === undefined && !ofNodes;
}

/** Whether a reference is brought up to date by giving a named value the new thumbprint. */
export function isByNamedValue({ kind, via, repairable }: CertificateReference): boolean {
  return via !== undefined || (kind === 'named-value' && repairable);
}

/**
 * What the report says of a rotation that breaks references, or has broken them. Whether another
 * certificate holds the thumbprint as well nobody has looked: that takes a call to Azure.
 */
export function warnOfBreaking(target: Target, breaking: Breaking): Problem {
  const { asOf, references, leftOut } = breaking;
  return {
    code: 'REFERENCES_WOULD_BREAK',
    message: `What refers to ${formatTarget(target)} by ${nameThumbprints(breaking)} stops resolving with the rotation, unless another certificate there keeps that thumbprint: ${describeReferences(references, leftOut)}. As of ${asOf}.`,
    resource: formatTarget(target),
    cure: CURE,
  };
}

function nameThumbprints({ thumbprints }: Breaking): string {
  return `the thumbprint ${thumbprints.join(' or ')}`;
}

const CURE =
  'Refer by the id instead: certificate-id in policies, certificateIds in backends. Certkeeper does that by itself with CERTKEEPER_REPAIR_REFERENCES=repair.';

/** What holds a rotation, where `CERTKEEPER_HOLD_IF_BREAKING` asks for that. */
export function holdForBreaking(target: Target, breaking: Breaking, approving: Approving): Problem {
  const { asOf, references, leftOut } = breaking;
  return {
    code: 'REFERENCES_WOULD_BREAK',
    message: `${formatTarget(target)} was left as it is, since its rotation would break what refers to it by ${nameThumbprints(breaking)}: ${describeReferences(references, leftOut)}. As of ${asOf}.${ranOut(approving)}`,
    resource: formatTarget(target),
    cure: `${CURE} Or let it break${approve(approving)}`,
  };
}

/** What holds a rotation when nobody can tell what it would break. */
export function holdForUnknown(target: Target, why: Problem, approving: Approving): Problem {
  return {
    code: 'USAGE_UNKNOWN',
    message: `${formatTarget(target)} was left as it is, since it could not be found out what refers to it: ${why.message}${ranOut(approving)}`,
    resource: formatTarget(target),
    cure: `${why.cure === undefined ? '' : `${why.cure} `}Or let it rotate all the same${approve(approving)}`,
  };
}

/** Who may let it go, and whether somebody had. */
export interface Approving {
  /** The certificate whose version it is. */
  readonly source: Source;
  /** The id of the operation that would be approved. */
  readonly operation: string;
  /** Until when an approval counted that counts no more, ISO 8601. */
  readonly ranOutAt?: string;
}

/** Ends in the command: what a page offers to copy, and a reader may paste. */
function approve({ operation, source }: Approving): string {
  return `, which takes the role Certkeeper.Manage and counts for ${String(APPROVAL_HOURS)} hours (POST /api/operations/${operation}/approve): npx certkeeper approve ${formatSource(source)}`;
}

function ranOut({ ranOutAt }: Approving): string {
  return ranOutAt === undefined ? '' : ` The approval that it had ran out at ${ranOutAt}.`;
}

/** For how long somebody's leave to break references counts. */
export const APPROVAL_HOURS = 24;

/** Until when leave that was given at a moment counts; both ISO 8601. */
export function approvalEnds(at: string): string {
  return new Date(Date.parse(at) + APPROVAL_HOURS * 3_600_000).toISOString();
}

/** The look-up itself failed: the rotation goes on, and says that it does not know. */
export function warnOfUnknown(target: Target): Problem {
  return {
    code: 'USAGE_UNKNOWN',
    message: `It could not be looked up whether something refers to ${formatTarget(target)} by thumbprint, and would stop resolving with this rotation.`,
    resource: formatTarget(target),
    cure: 'Look at what uses the certificate: GET /api/certificates/{vault}/{name}/usage',
  };
}

/** Another certificate keeps the thumbprint: what refers by it goes on resolving, and was left. */
export function stillResolves(target: Target, thumbprint: string, holder: string): Problem {
  return {
    code: 'REFERENCE_RESOLVES',
    message: `What refers by the thumbprint ${thumbprint} was left as it is: the certificate ${holder.slice(0, 200)} beside ${formatTarget(target)} holds it too, and keeps it.`,
    resource: formatTarget(target),
    cure: 'Where it is to follow the vault, refer by the id instead (certificate-id, certificateIds).',
  };
}

/** Whether a warning says that something does not resolve, or may not. */
export function isHarm({ code }: Problem): boolean {
  return code !== 'REFERENCE_RESOLVES';
}

/** What could not be rewritten before a rotation, and why. */
export function unrepairable(target: Target, what: string, why: string, cure?: string): Problem {
  return {
    code: 'REFERENCE_UNREPAIRABLE',
    message: `${what} refers to ${formatTarget(target)} by thumbprint and could not be rewritten: ${why}`,
    resource: formatTarget(target),
    cure: cure ?? 'Rewrite it by hand to refer by the id (certificate-id, certificateIds).',
  };
}
