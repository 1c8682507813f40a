import type { Ledger } from '../../../shared/domain/ledger-ports.ts';
import type { UsageIndex, UsageRefreshed } from '../../../shared/domain/usage-ports.ts';

/**
 * Brings a service's part of the usage index up to date, one part a call. Where nothing is bound, or
 * what is known is young enough, nothing is read.
 */
export function makeRefreshUsage(ports: {
  readonly ledger: Pick<Ledger, 'claimsOf'>;
  readonly index: Pick<UsageIndex, 'asOf' | 'refresh'>;
  readonly maxAgeSeconds: number;
}) {
  return async (input: {
    readonly service: string;
    readonly at: string;
    readonly after?: string;
  }): Promise<UsageRefreshed> => {
    const { service, at, after } = input;
    if (after === undefined) {
      const nothing = { documents: 0, read: 0, problems: [] };
      if ((await ports.ledger.claimsOf(service)).size === 0) return nothing;
      const asOf = await ports.index.asOf(service);
      if (asOf !== undefined && ageSeconds(asOf, at) < ports.maxAgeSeconds) return nothing;
    }
    return await ports.index.refresh(service, { at, ...(after === undefined ? {} : { after }) });
  };
}

function ageSeconds(asOf: string, at: string): number {
  return (Date.parse(at) - Date.parse(asOf)) / 1_000;
}
