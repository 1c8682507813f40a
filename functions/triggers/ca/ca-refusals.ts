import type { Asker } from '../uploads/asker.ts';
import type { CaEntry, CaStore } from '../../../shared/domain/ca-entry.ts';
import { entriesUnknown } from '../../../shared/domain/ca-plan.ts';
import { downtimeOf } from '../../../shared/domain/ca-tier.ts';
import { consents, type ConsentRule } from '../../../shared/domain/consent.ts';
import { TerminalError } from '../../../shared/domain/errors.ts';
import { formatSource, NO_VAULT, type Source } from '../../../shared/domain/source.ts';
import { formatTarget } from '../../../shared/domain/target.ts';

/** What stands for uploads in `CERTKEEPER_ALLOW`: no vault holds them. */
const UPLOADS: Source = { vault: NO_VAULT, name: 'ca-certificates' };

/**
 * Who may go beyond `CERTKEEPER_ALLOW` may change every store. Everybody else needs a rule that names
 * the store; a wildcard allows none.
 *
 * Thrown when there is none: TerminalError `BINDING_NOT_ALLOWED`.
 */
export function requireStoreConsent(
  rules: readonly ConsentRule[],
  { mayManage }: Asker,
  service: string,
  stores: Iterable<CaStore>,
): void {
  if (mayManage) return;
  for (const store of new Set(stores)) {
    const target = { kind: 'ca-certificate', service, store } as const;
    if (consents(rules, UPLOADS, target)) continue;
    const path = formatTarget(target);
    throw new TerminalError({
      code: 'BINDING_NOT_ALLOWED',
      message: `CERTKEEPER_ALLOW does not let CA certificates of ${path} be changed by upload, and you have not the role Certkeeper.Manage.`,
      resource: path,
      cure: `Who runs the service adds to CERTKEEPER_ALLOW: ${formatSource(UPLOADS)} => ${path}`,
    });
  }
}

/**
 * Thrown when the service holds what an update would lose: TerminalError `CA_ENTRIES_UNKNOWN`, which
 * lists it.
 */
export function requireKnown(
  service: string,
  staying: readonly CaEntry[],
  known: ReadonlySet<string>,
): void {
  const unknown = staying.filter(({ thumbprint }) => !known.has(thumbprint));
  if (unknown.length > 0) throw new TerminalError(entriesUnknown(service, unknown));
}

/** Thrown when the update means downtime that nobody has accepted: `CA_UPDATE_DOWNTIME`. */
export function requireDowntime(
  service: string,
  tier: string,
  setting: 'ask' | 'accept',
  accepted: boolean,
): void {
  const downtime = downtimeOf(service, tier);
  if (downtime === undefined || accepted || setting === 'accept') return;
  throw new TerminalError(downtime);
}
