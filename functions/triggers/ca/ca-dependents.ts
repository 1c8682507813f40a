import type { CaRoutePorts } from './ca-ports.ts';
import { caKey, nameCa, type CaEntry } from '../../../shared/domain/ca-entry.ts';
import type { CaCopy } from '../../../shared/domain/ca-ports.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import { formatSource } from '../../../shared/domain/source.ts';

/**
 * What is known to depend on an entry, as warnings: certificates that are bound at the service and
 * intermediates in its store whose chains lead to it (by the issuers' names, as far as their
 * certificates are known), and backends that name its thumbprint. That nothing is known does not mean
 * that nothing depends on it: a backend whose certificate it issued says so nowhere.
 */
export async function findDependents(
  ports: Pick<CaRoutePorts, 'stores' | 'ledger'>,
  service: string,
  entry: CaEntry,
  { present, copies }: { readonly present: readonly CaEntry[]; readonly copies: readonly CaCopy[] },
): Promise<readonly Problem[]> {
  const subject =
    copies.find(({ thumbprint }) => thumbprint === entry.thumbprint)?.subject ?? entry.subject;
  const there = new Map(present.map((one) => [one.thumbprint, one]));
  const below = authoritiesBelow(subject, copies);
  const issued = copies
    .filter(
      ({ thumbprint, issuer }) =>
        thumbprint !== entry.thumbprint && below.some((name) => isSame(issuer, name)),
    )
    .flatMap(({ thumbprint }) => there.get(thumbprint) ?? [])
    .map((one) => `the CA certificate ${nameCa(one)}`);
  const bound = await boundTo(ports, service, below);
  const [backends, unknown] = await backendsOf(ports, service, entry);
  const users = [...issued, ...bound, ...backends];
  if (users.length === 0) return unknown;
  return [
    {
      code: 'CA_MAY_BE_NEEDED',
      message: `${caKey(entry)} may be needed by ${users.slice(0, 10).join('; ')}${users.length > 10 ? '; and more' : ''}.`,
      resource: `${service}/ca/${entry.store}`,
      cure: `Put it back if something fails: certkeeper ca add ${service} {file}`,
    },
    ...unknown,
  ];
}

/** An authority, and those that it issued or that one of them did, as far as they are known; by name. */
function authoritiesBelow(subject: string, copies: readonly CaCopy[]): readonly string[] {
  const names = [subject];
  for (const above of names) {
    for (const { subject: name, issuer } of copies) {
      if (isSame(issuer, above) && !names.some((one) => isSame(one, name))) names.push(name);
    }
  }
  return names;
}

/** Certificates that are bound at the service and name one of these authorities as their issuer. */
async function boundTo(
  { ledger }: Pick<CaRoutePorts, 'ledger'>,
  service: string,
  authorities: readonly string[],
): Promise<readonly string[]> {
  const sources = new Map(
    [...(await ledger.claimsOf(service)).values()].map((one) => [formatSource(one), one]),
  );
  const users: string[] = [];
  for (const [name, source] of sources) {
    const { verified } = await ledger.record(source);
    const issuer = authorities.findIndex((one) => isSame(verified?.looks.issuer ?? '', one));
    if (issuer === 0) users.push(`the certificate ${name}, which it issued`);
    else if (issuer > 0) users.push(`the certificate ${name}, whose chain leads to it`);
  }
  return users;
}

/** The backends that name it; that they cannot be read is said and holds up nothing. */
async function backendsOf(
  { stores }: Pick<CaRoutePorts, 'stores'>,
  service: string,
  { thumbprint }: CaEntry,
): Promise<readonly [readonly string[], readonly Problem[]]> {
  try {
    return [await stores.usesOf(service, thumbprint), []];
  } catch (error) {
    if (!(error instanceof TerminalError) && !(error instanceof TransientError)) throw error;
    const { message, cure } = error.problem;
    const about = {
      message: `Whether a backend needs it is not known: ${message}`,
      resource: service,
    };
    return [[], [{ code: 'USAGE_UNKNOWN', ...about, ...(cure === undefined ? {} : { cure }) }]];
  }
}

/** Names are written from either end: Azure begins with the common name, certificates end with it. */
function isSame(one: string, other: string): boolean {
  return one !== '' && sorted(one) === sorted(other);
}

function sorted(name: string): string {
  return name
    .split(/,\s*/)
    .map((part) => part.trim().toLowerCase())
    .sort()
    .join(',');
}
