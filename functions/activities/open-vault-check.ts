import type { Arrivals } from '../../shared/domain/arrival-ports.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';

/**
 * Reads what a check of a vault starts from: the arrivals first, so that whatever comes after them
 * is seen at the close, then the services at which its certificates are bound. Changes nothing.
 */
export function makeOpenVaultCheck(ports: {
  readonly arrivals: Pick<Arrivals<string>, 'read'>;
  readonly ledger: Pick<Ledger, 'all'>;
  /** Services under care; what is bound elsewhere cannot be looked at. */
  readonly services: ReadonlySet<string>;
}) {
  return async ({ vault }: { readonly vault: string }) => {
    const { number: arrival } = await ports.arrivals.read(vault);
    const found = new Set<string>();
    for await (const { bindings } of ports.ledger.all(vault)) {
      for (const { target, claimed } of bindings) {
        if (claimed && 'service' in target && ports.services.has(target.service)) {
          found.add(target.service);
        }
      }
    }
    return { arrival, services: [...found].sort() };
  };
}
