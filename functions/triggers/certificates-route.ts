import type { Ledger, LedgerEntry } from '../../shared/domain/ports.ts';
import { formatTarget } from '../../shared/domain/target.ts';
import { syncInstanceId } from '../../shared/durable/instance-id.ts';
import type { Route } from '../../shared/http/http-handler.ts';

/**
 * `GET /api/certificates`: every source that the ledger knows, with its bindings, the thumbprints
 * on both sides, status and when it was last verified. Read from the ledger alone.
 */
export function makeCertificatesRoute(ledger: Pick<Ledger, 'all'>): Route {
  return async () => {
    const certificates: object[] = [];
    for await (const entry of ledger.all()) {
      if (isOurConcern(entry)) {
        certificates.push(toView(entry));
      }
    }
    return { status: 200, jsonBody: { certificates } };
  };
}

/** Who was given up or is left alone is shown too: it may be what somebody looks for. */
function isOurConcern({ record, bindings }: LedgerEntry): boolean {
  return (
    bindings.length > 0 ||
    record.problems.length > 0 ||
    record.unbound === true ||
    record.ignored === true
  );
}

function toView({ record, bindings }: LedgerEntry): object {
  const { source, problems, verified: _verified, ...seen } = record;
  return {
    ...source,
    ...seen,
    operation: `/api/operations/${syncInstanceId(source)}`,
    ...(problems.length > 0 ? { problems } : {}),
    bindings: bindings.map(({ source: _, target, targetThumbprint, versionless, ...rest }) => ({
      target: formatTarget(target),
      ...(targetThumbprint === undefined ? {} : { thumbprint: targetThumbprint }),
      current: targetThumbprint !== undefined && targetThumbprint === record.thumbprint,
      versionless,
      ...rest,
    })),
  };
}
