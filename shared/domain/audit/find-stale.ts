/** Places that do not get their source's current version, by why that is. */
import { versionlessIdentifier } from '../secret-identifier.ts';
import { formatSource, type Source } from '../source.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { SeenPlace } from './audit-view.ts';
import { sayExpiry } from './expiry.ts';
import { foundAtPlace, gravityOf, type Check, type Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { shellWord } from './wording.ts';

export const findStale: Check = ({ places, facts }) =>
  [...places.values()].flatMap((seen) => {
    if (seen.source === undefined) return [];
    switch (seen.standing) {
      case 'pinned':
        return [pinned(seen, seen.source, facts)];
      case 'no-secret':
        return [notASecret(seen, seen.source, facts)];
      case 'refresh-failed':
        return [refreshFailed(seen, seen.source, facts)];
      case 'stale':
        return [stale(seen, seen.source, facts)];
      default:
        return [];
    }
  });

function pinned(seen: SeenPlace, source: Source, facts: AuditFacts): Found {
  const { row } = seen;
  const current = row.thumbprint !== undefined && row.thumbprint === row.sourceThumbprint;
  const behind = row.sourceThumbprint !== undefined && !current;
  const gravity = gravityOf('VERSION_PINNED_AT_TARGET', row.expiresAt, facts);
  return foundAtPlace(seen, {
    code: 'VERSION_PINNED_AT_TARGET',
    ...gravity,
    severity: behind && gravity.severity === 'medium' ? 'high' : gravity.severity,
    message: `${row.id} refers to the version ${toPlainText(row.pinnedVersion ?? '', 64)} of ${formatSource(source)}, and a reference with a version never gets another one.${behind ? ' There is a newer one already.' : ''}${sayHeld(seen, facts)}`,
    cure: sayRepoint(seen, source, facts),
  });
}

/** How a reference becomes one to the current version. */
function sayRepoint(
  { row, binding }: SeenPlace,
  source: Source,
  { vaultSuffix }: AuditFacts,
): string {
  const name = formatSource(source);
  if (row.place === 'hostname') {
    return `Let the custom domain refer to it without version: ${versionlessIdentifier(source, vaultSuffix)}`;
  }
  return `Let it refer to the secret without version: ${binding === undefined ? `npx certkeeper bind ${name} -t ${shellWord(row.id)}` : `npx certkeeper sync ${name}`}`;
}

function notASecret(seen: SeenPlace, source: Source, facts: AuditFacts): Found {
  const { row } = seen;
  return foundAtPlace(seen, {
    code: 'REFERENCE_NOT_A_SECRET',
    ...gravityOf('REFERENCE_NOT_A_SECRET', row.expiresAt, facts),
    message: `${row.id} refers to ${formatSource(source)} under /certificates/, and API Management reads it under /secrets/ only.${sayHeld(seen, facts)}`,
    cure: sayRepoint(seen, source, facts),
  });
}

function refreshFailed(seen: SeenPlace, source: Source, facts: AuditFacts): Found {
  const { row } = seen;
  const { code, message } = row.refreshFailure ?? { code: '', message: '' };
  const current = row.thumbprint !== undefined && row.thumbprint === row.sourceThumbprint;
  return foundAtPlace(seen, {
    code: 'REFRESH_FAILED',
    // What holds the current version all the same is not hurt by its end: the source tells that.
    ...(current ? {} : gravityOf('REFRESH_FAILED', row.expiresAt, facts)),
    message: `When ${seen.service.name} last read ${formatSource(source)} for ${row.id}, it failed (${code}): ${message}${current ? ' It holds the current version all the same.' : sayHeld(seen, facts)}`,
    cure:
      row.place === 'hostname'
        ? `See that ${seen.service.name} may read the vault; then update the custom domain once more.`
        : `See why: npx certkeeper access ${formatSource(source)} ${shellWord(row.id)}; then npx certkeeper sync ${formatSource(source)}`,
  });
}

function stale(seen: SeenPlace, source: Source, facts: AuditFacts): Found {
  const { row, binding, service } = seen;
  const { problem } = binding ?? {};
  const hostname = row.place === 'hostname';
  const code = hostname ? 'HOSTNAME_STALE' : 'STALE_AT_TARGET';
  const why = problem === undefined ? '' : ` ${toPlainText(problem.message)}`;
  return foundAtPlace(seen, {
    code,
    ...gravityOf(code, row.expiresAt, facts),
    message: `${row.id} does not hold the current version of ${formatSource(source)}.${sayHeld(seen, facts)}${why}`,
    cure: hostname
      ? `${service.name} reads the vault every four hours; an update of the service, which takes a quarter of an hour and more, makes it do so now.`
      : (problem?.cure ?? `npx certkeeper sync ${formatSource(source)}`),
  });
}

function sayHeld({ row }: SeenPlace, { completedAt }: AuditFacts): string {
  return row.expiresAt === undefined
    ? ''
    : ` What it holds ${sayExpiry(row.expiresAt, completedAt)}.`;
}
