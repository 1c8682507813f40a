import type { Binding, BindingStatus } from './binding.ts';
import { mayPass } from './outcome.ts';
import type { LedgerEntry } from './ledger-ports.ts';
import type { Source } from './source.ts';
import { formatTarget } from './target.ts';

/** How a certificate stands as a whole, gravest first. */
export const CERTIFICATE_STATUSES = [
  /** Something could not be done, and is tried again. */
  'failed',
  /** A person has to change something. */
  'blocked',
  /** A target has not been looked at yet. */
  'pending',
  /** Every target holds the current version, and that was checked. */
  'verified',
  /** Left alone by its tag `certkeeper: ignore`. */
  'ignored',
  /** Bound to nothing. Listed when it was given up by its tag `certkeeper-targets: none`. */
  'unbound',
] as const;
export type CertificateStatus = (typeof CERTIFICATE_STATUSES)[number];

/** What a list is narrowed down to; what is left out narrows nothing down. */
export interface ListFilter {
  readonly vault?: string;
  readonly service?: string;
  readonly statuses?: readonly CertificateStatus[];
  /** ISO 8601, UTC. What has no known expiry does not expire before it. */
  readonly expiresBefore?: string;
  /** A part of `vault/name`, of a thumbprint, or of a target's path; letter case does not count. */
  readonly text?: string;
}

export const LIST_ORDERS = ['name', '-name', 'expires', '-expires', 'status', '-status'] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** A certificate in a list, with those of its bindings that the filter lets through. */
export interface ListedCertificate extends LedgerEntry {
  readonly status: CertificateStatus;
}

/** A place in an ordered list, between what was seen and what comes next. */
export interface ListPlace {
  readonly key: string;
  readonly source: Source;
}

/** How a certificate stands as a whole; undefined when it is no concern of Certkeeper's. */
export function certificateStatus(entry: LedgerEntry): CertificateStatus | undefined {
  const all = new Set<CertificateStatus | undefined>([
    ownStatus(entry),
    ...entry.bindings.map(({ status }) => status),
  ]);
  return CERTIFICATE_STATUSES.find((one) => all.has(one));
}

/** What can be said of the certificate itself, whatever its targets hold. */
function ownStatus({ record, unreadable = [] }: Pick<LedgerEntry, 'record' | 'unreadable'>) {
  const { ignored, unbound } = record;
  const problems = [...record.problems, ...unreadable];
  if (problems.some(mayPass)) return 'failed';
  if (problems.length > 0) return 'blocked';
  if (ignored === true) return 'ignored';
  return unbound === true ? 'unbound' : undefined;
}

/**
 * A certificate as a filtered list shows it, or undefined when it does not belong there: one of its
 * bindings passes the filter, or the certificate itself does where no service is asked for.
 */
export function selectForList(
  entry: LedgerEntry,
  filter: ListFilter,
): ListedCertificate | undefined {
  const { record, access, orphans, unreadable } = entry;
  const status = certificateStatus(entry);
  if (status === undefined) return undefined;
  if (filter.vault !== undefined && record.source.vault !== filter.vault) return undefined;
  if (filter.expiresBefore !== undefined && !((record.expiresAt ?? '~') < filter.expiresBefore)) {
    return undefined;
  }
  const named = filter.text === undefined || holdsText(filter.text, namesOf(record));
  const bindings = entry.bindings.filter(
    (binding) =>
      isAtService(binding, filter.service) &&
      isAmong(binding.status, filter.statuses) &&
      (named || holdsText(filter.text ?? '', [formatTarget(binding.target)])),
  );
  const itself =
    named && filter.service === undefined && isAmong(ownStatus(entry), filter.statuses);
  if (bindings.length === 0 && !itself) return undefined;
  return {
    record,
    bindings,
    ...(access === undefined ? {} : { access }),
    ...(orphans === undefined ? {} : { orphans }),
    ...(unreadable === undefined ? {} : { unreadable }),
    status,
  };
}

function namesOf({ source, thumbprint }: LedgerEntry['record']): readonly string[] {
  return [`${source.vault}/${source.name}`, thumbprint ?? ''];
}

function holdsText(text: string, names: readonly string[]): boolean {
  return names.some((name) => name.toLowerCase().includes(text.toLowerCase()));
}

function isAtService({ target }: Binding, service: string | undefined): boolean {
  return service === undefined || ('service' in target && target.service === service);
}

function isAmong(
  status: CertificateStatus | BindingStatus | undefined,
  statuses: readonly CertificateStatus[] | undefined,
): boolean {
  if (statuses === undefined) return true;
  return status !== undefined && statuses.includes(status);
}

/** Where a certificate stands in a list of this order. */
export function placeInList(entry: ListedCertificate, order: ListOrder): ListPlace {
  return { key: keyIn(entry, order), source: entry.record.source };
}

/** Below, above or equal to nought as the one comes before or after the other. */
export function comparePlaces(a: ListPlace, b: ListPlace, order: ListOrder): number {
  const byKey = order.startsWith('-') ? compare(b.key, a.key) : compare(a.key, b.key);
  return byKey === 0 ? compareSources(a.source, b.source) : byKey;
}

/**
 * The order in which the ledger keeps sources: by vault, then by name. A vault comes after those
 * whose names go on where its own ends with a hyphen.
 */
export function compareSources(a: Source, b: Source): number {
  return compare(`${a.vault}|${a.name}`, `${b.vault}|${b.name}`);
}

function keyIn({ record, status }: ListedCertificate, order: ListOrder): string {
  switch (order) {
    case 'name':
    case '-name':
      return `${record.source.vault}|${record.source.name}`;
    // Whatever has no known expiry comes last either way.
    case 'expires':
      return record.expiresAt ?? '~';
    case '-expires':
      return record.expiresAt ?? '';
    case 'status':
    case '-status':
      return String(CERTIFICATE_STATUSES.indexOf(status));
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
