import * as z from 'zod';
import {
  lookAt,
  notLookedFor,
  readersAt,
  scanAll,
  seeUnbound,
  type UsagePorts,
} from './find-usage.ts';
import { readSource, sourceParams, withoutVaultToo } from './source-of-request.ts';
import { readTarget } from './target-of-request.ts';
import { judgeUse } from '../../shared/domain/certificate-use.ts';
import { TerminalError } from '../../shared/domain/errors.ts';
import { mapBounded } from '../../shared/map-bounded.ts';
import type { Ledger, LedgerEntry } from '../../shared/domain/ledger-ports.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import { formatSource, isWithoutVault, type Source } from '../../shared/domain/source.ts';
import { isCertificateTarget } from '../../shared/domain/target.ts';
import { flagSchema } from '../../shared/http/read-input.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';
import { usageSchema, type UsageVerdict } from '../../shared/http/usage-view.ts';

export interface UsageRoutePorts extends UsagePorts {
  /** Names of what is under care. */
  readonly vaults: ReadonlySet<string>;
  readonly services: ReadonlySet<string>;
  readonly ledger: Pick<Ledger, 'ofSource'>;
  readonly vault: Pick<Vaults, 'readCurrent'>;
}

/** Services that are asked about at once. */
const SIDE_BY_SIDE = 8;

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
        .describe('One target only; it need not be bound, but there'),
      live: flagSchema.describe(
        'Read API Management now instead: some seconds, on a large service minutes',
      ),
    }),
    answers: { 200: { description: 'What refers to it, target by target', schema: usageSchema } },
    problems: [
      'CERTKEEPER_PERMISSION_MISSING',
      'SERVICE_NOT_CONFIGURED',
      'SERVICE_NOT_FOUND',
      'SOURCE_NOT_FOUND',
      'TARGET_UNSUPPORTED',
      'VAULT_NOT_CONFIGURED',
      'WORKSPACE_NOT_FOUND',
    ],
    handle: async ({ params, query }) => {
      const source = readSource(params, withoutVaultToo(ports.vaults));
      const entry = await ports.ledger.ofSource(source);
      const asked =
        query.target === undefined ? undefined : readTarget(query.target, source, ports.services);
      const bound = asked === undefined ? entry.bindings.map(({ target }) => target) : [asked];
      if (bound.length === 0) await requireKnown(ports.vault, source, entry);
      const seen = asked === undefined ? undefined : await seeUnbound(ports, entry, asked);

      const targets = bound.filter(isCertificateTarget);
      const services = new Set(targets.map(({ service }) => service));
      const scans = query.live ? await scanAll(ports.scanner, services) : undefined;
      const found = [
        ...(await mapBounded(targets, SIDE_BY_SIDE, (target) =>
          lookAt(ports, scans, { entry, target, seen }),
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

/** What nobody knows is worse than what nobody uses. */
function worst(verdicts: readonly UsageVerdict[]): UsageVerdict {
  const order: readonly UsageVerdict[] = ['in-use', 'may-be-in-use', 'unknown', 'unused'];
  return order.find((one) => verdicts.includes(one)) ?? 'unused';
}
