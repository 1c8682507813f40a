import * as z from 'zod';
import { readSource, sourceParams, withoutVaultToo } from './source-of-request.ts';
import { readTarget } from './target-of-request.ts';
import {
  judgeUse,
  referenceKey,
  type CertificateReference,
} from '../../shared/domain/certificate-use.ts';
import { TerminalError, type Problem } from '../../shared/domain/errors.ts';
import { presentThumbprintsOf, thumbprintsOf } from '../../shared/domain/known-thumbprints.ts';
import { mapBounded } from '../../shared/map-bounded.ts';
import type { Ledger, LedgerEntry } from '../../shared/domain/ledger-ports.ts';
import type { ServiceUsage, UsageIndex, UsageScanner } from '../../shared/domain/usage-ports.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import { formatSource, isWithoutVault, type Source } from '../../shared/domain/source.ts';
import {
  formatTarget,
  isCertificateTarget,
  type CertificateTarget,
  type Target,
} from '../../shared/domain/target.ts';
import { flagSchema } from '../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import {
  usageSchema,
  type ShownReference,
  type UsageVerdict,
} from '../../shared/http/usage-view.ts';

export interface UsageRoutePorts {
  /** Names of what is under care. */
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly ledger: Pick<Ledger, 'ofSource'>;
  readonly vault: Pick<Vaults, 'readCurrent'>;
  readonly index: Pick<UsageIndex, 'of' | 'ofSource'>;
  readonly scanner: UsageScanner;
}

/** Services that are asked about at once. */
const SIDE_BY_SIDE = 8;
/** An answer is for people: what is used in more places than these is used. */
const MOST_REFERENCES = 500;

/** What was found, and how old it is. */
interface Found {
  readonly asOf?: string;
  readonly live: boolean;
  readonly references: readonly ShownReference[];
  readonly leftOut?: number;
}

/**
 * `GET /api/certificates/{vault}/{name}/usage`: what uses a certificate, or may, at each of its
 * targets. By default from the index that the sweep keeps, with its age; `live` reads API Management
 * now. Changes nothing.
 */
export function makeUsageRoute(ports: UsageRoutePorts): Route {
  return defineRoute({
    name: 'ShowUsage',
    method: 'GET',
    path: 'certificates/{vault}/{name}/usage',
    role: 'Certkeeper.Read',
    summary: 'Where a certificate is used',
    description:
      'Policies at every scope and fragments, backends, named values, self-hosted gateways and ' +
      'custom domains that refer to it, or may. Without `live` it is what the sweep saw last; the ' +
      'answer says when that was. What is used by clients, and CA certificates, cannot be seen there.',
    params: sourceParams,
    query: z.object({
      target: z
        .string()
        .trim()
        .min(1, { error: 'must be the path of a target' })
        .exactOptional()
        .describe('One target only; it need not be bound'),
      live: flagSchema.describe(
        'Read API Management now instead: some seconds, on a large service minutes',
      ),
    }),
    answers: { 200: { description: 'What refers to it, target by target', schema: usageSchema } },
    problems: [
      'CERTKEEPER_PERMISSION_MISSING',
      'SERVICE_NOT_CONFIGURED',
      'SOURCE_NOT_FOUND',
      'TARGET_UNSUPPORTED',
      'VAULT_NOT_CONFIGURED',
    ],
    handle: async ({ params, query }) => {
      const source = readSource(params, withoutVaultToo(ports.vaults));
      const entry = await ports.ledger.ofSource(source);
      const asked =
        query.target === undefined ? undefined : readTarget(query.target, source, ports.services);
      const bound = asked === undefined ? entry.bindings.map(({ target }) => target) : [asked];
      if (bound.length === 0) await requireKnown(ports.vault, source, entry);

      const targets = bound.filter(isCertificateTarget);
      const services = new Set(targets.map(({ service }) => service));
      const scans = query.live ? await scanAll(ports.scanner, services) : undefined;
      const found = [
        ...(await mapBounded(targets, SIDE_BY_SIDE, (target) =>
          lookAt(ports, scans, entry, target),
        )),
        ...bound.filter((target) => !isCertificateTarget(target)).map(notLookedFor),
      ];
      // Whatever reads the vault by itself may do so at a service where nothing is bound.
      const places = [...(asked === undefined ? ports.services : services)];
      const all = await mapBounded(places, SIDE_BY_SIDE, (service) =>
        readersAt(ports, scans, source, service),
      );
      const readers = all.filter(({ references }) => references.length > 0);
      const unseen = all.filter(({ asOf }) => asOf === undefined).map(({ service }) => service);
      return {
        status: 200,
        jsonBody: {
          source: formatSource(source),
          verdict: worst([
            ...found.map(({ verdict }) => verdict),
            ...readers.map(({ references }) => judgeUse(references)),
          ]),
          targets: found,
          readers,
          ...(unseen.length === 0 ? {} : { unseen }),
        },
      };
    },
  });
}

/** What follows from CA certificates and keys of applications stands nowhere in API Management. */
function notLookedFor(target: Target) {
  const path = formatTarget(target);
  const problem: Problem = {
    code: 'USAGE_UNKNOWN',
    message: `What relies on ${path} cannot be seen from API Management: it is not looked for.`,
    resource: path,
  };
  return { target: path, verdict: 'unknown' as const, live: false, references: [], problem };
}

async function scanAll(
  scanner: UsageScanner,
  services: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ServiceUsage>> {
  const scans = new Map<string, ServiceUsage>();
  // One after the other: each takes its share of what Azure allows.
  for (const service of services) scans.set(service, await scanner.scan(service));
  return scans;
}

async function lookAt(
  { index }: UsageRoutePorts,
  scans: ReadonlyMap<string, ServiceUsage> | undefined,
  entry: LedgerEntry,
  target: CertificateTarget,
) {
  const thumbprints = thumbprintsOf(entry, target);
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
    return { target: path, verdict: 'unknown' as const, live: false, references: [], problem };
  }
  const references = await markStale(known.references, entry, target, async (present) => {
    const found = await index.of(target, present);
    return found?.leftOut === undefined ? found?.references : undefined;
  });
  const found = shorten(known.asOf, false, references, known.leftOut);
  return { target: path, verdict: judgeUse(known.references), ...found };
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

async function readersAt(
  { index }: UsageRoutePorts,
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

/** A name that was mistyped must not look like a certificate that nothing uses. */
async function requireKnown(
  vault: UsageRoutePorts['vault'],
  source: Source,
  { record }: LedgerEntry,
): Promise<void> {
  if (record.seenAt !== undefined || record.problems.length > 0) return;
  if (!isWithoutVault(source) && (await vault.readCurrent(source)).kind !== 'missing') return;
  const name = formatSource(source);
  throw new TerminalError({
    code: 'SOURCE_NOT_FOUND',
    message: `There is no certificate ${name}: neither the vault nor the ledger knows it.`,
    resource: name,
    cure: 'Correct the name, or import the certificate into the vault.',
  });
}

function neverLooked(target: CertificateTarget): Problem {
  return {
    code: 'USAGE_UNKNOWN',
    message: `No sweep has finished looking at what uses the certificates of ${target.service}.`,
    resource: formatTarget(target),
    cure: 'Ask with live=true, or let a sweep run: POST /api/sweeps',
  };
}

/** What nobody knows is worse than what nobody uses. */
function worst(verdicts: readonly UsageVerdict[]): UsageVerdict {
  const order: readonly UsageVerdict[] = ['in-use', 'may-be-in-use', 'unknown', 'unused'];
  return order.find((one) => verdicts.includes(one)) ?? 'unused';
}
