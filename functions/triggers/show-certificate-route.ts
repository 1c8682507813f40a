import * as z from 'zod';
import { findCurrent } from './current-version.ts';
import { readSource, sourceParams, withoutVaultToo } from './source-of-request.ts';
import { certificateStatus } from '../../shared/domain/certificate-list.ts';
import { TerminalError, TransientError, type Problem } from '../../shared/domain/errors.ts';
import { HISTORY_LENGTH } from '../../shared/domain/history.ts';
import type { History, Ledger } from '../../shared/domain/ledger-ports.ts';
import type { Vaults } from '../../shared/domain/vault-ports.ts';
import { formatSource, isWithoutVault, type Source } from '../../shared/domain/source.ts';
import { syncInstanceId } from '../../shared/durable/instance-id.ts';
import {
  certificateDetailSchema,
  toCertificateView,
  toHistoryView,
  type CertificateDetail,
} from '../../shared/http/certificate-view.ts';
import { defineRoute, type Route } from '../../shared/http/route.ts';

export interface ShowCertificatePorts {
  /** Names of the vaults under care. */
  readonly vaults: ReadonlySet<string>;
  readonly ledger: Pick<Ledger, 'ofSource'>;
  readonly history: Pick<History, 'list'>;
  readonly vault: Pick<Vaults, 'readCurrent' | 'versions'>;
}

const HISTORY_SHOWN = 20;
const historyError = `must be a whole number from 0 to ${HISTORY_LENGTH}`;

const showQuerySchema = z.object({
  history: z
    .string()
    .regex(/^\d{1,3}$/, { error: historyError })
    .transform(Number)
    .pipe(z.int().max(HISTORY_LENGTH, { error: historyError }))
    .exactOptional()
    .describe(`How many entries of its history at most, ${HISTORY_SHOWN} unless said otherwise`),
});

/**
 * `GET /api/certificates/{vault}/{name}`: the certificate with its bindings and its history, from the
 * ledger, and its versions, from the vault. When the vault cannot be read the ledger's part is
 * answered all the same, with the problem beside it.
 *
 * Thrown when neither knows it: TerminalError `SOURCE_NOT_FOUND`; when only the vault could know it
 * and cannot be read: what the vault answered.
 */
export function makeShowCertificateRoute(ports: ShowCertificatePorts): Route {
  return defineRoute({
    name: 'ShowCertificate',
    method: 'GET',
    path: 'certificates/{vault}/{name}',
    role: 'Certkeeper.Read',
    summary: 'One certificate with its versions, bindings and history',
    description:
      "Bindings and history are the ledger's, versions the vault's. When the vault cannot be read, " +
      "the ledger's part is answered all the same, with the problem beside it.",
    params: sourceParams,
    query: showQuerySchema,
    answers: { 200: { description: 'The certificate', schema: certificateDetailSchema } },
    problems: ['SOURCE_NOT_FOUND', 'VAULT_NOT_CONFIGURED', 'CERTKEEPER_PERMISSION_MISSING'],
    handle: async ({ params, query: { history: limit = HISTORY_SHOWN } }) => {
      const source = readSource(params, withoutVaultToo(ports.vaults));
      const [entry, history, seen] = await Promise.all([
        ports.ledger.ofSource(source),
        ports.history.list(source, { limit }),
        readVersions(ports, source),
      ]);
      const { record, bindings } = entry;
      const isKnown =
        bindings.length + record.problems.length + history.length > 0 ||
        record.seenAt !== undefined;
      if (!isKnown && seen.error !== undefined) throw seen.error;
      if (!isKnown && seen.versions.length === 0) throw notFound(source);
      const status = certificateStatus(entry) ?? 'unbound';
      return {
        status: 200,
        jsonBody: {
          ...toCertificateView({ ...entry, status }, syncInstanceId(source)),
          versions: seen.versions,
          ...(seen.error === undefined ? {} : { versionsProblem: seen.error.problem }),
          history: history.map(toHistoryView),
        },
      };
    },
  });
}

type Versions = CertificateDetail['versions'];

async function readVersions(
  { vault }: ShowCertificatePorts,
  source: Source,
): Promise<{ readonly versions: Versions; readonly error?: Error & { problem: Problem } }> {
  if (isWithoutVault(source)) return { versions: [] };
  try {
    const listed = await vault.versions(source);
    const current = await findCurrent(vault, source, listed);
    return {
      versions: listed.map(({ tags: _, ...one }) => ({ ...one, current: one.version === current })),
    };
  } catch (error) {
    if (error instanceof TerminalError || error instanceof TransientError) {
      return { versions: [], error };
    }
    throw error;
  }
}

function notFound(source: Source): TerminalError {
  return new TerminalError({
    code: 'SOURCE_NOT_FOUND',
    message: `There is no certificate ${formatSource(source)}: neither the vault nor the ledger knows it.`,
    resource: formatSource(source),
    cure: 'Correct the name, or import the certificate into the vault.',
  });
}
