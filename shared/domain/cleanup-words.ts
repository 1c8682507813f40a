/** What is said of orphans: why one is kept, and how to go on. */
import type { Orphan } from './cleanup.ts';
import type { Problem } from './errors.ts';
import { formatSource, type Source } from './source.ts';
import { formatTarget, type Target } from './target.ts';

/** A target's source is gone, and nothing is done about it. */
export function orphaned(source: Source, target: Target, orphan: OrphanFate): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_ORPHANED',
    message: `${path} holds ${formatSource(source)}, which ${saysFate(orphan)}; Certkeeper reports it and removes nothing.`,
    resource: path,
    cure: `${bringBack(source, orphan)}; or detach it: DELETE /api/certificates/${formatSource(source)}?targets=${path}; or have it removed after its grace with CERTKEEPER_CLEANUP=remove.`,
  };
}

type OrphanFate = Pick<Orphan, 'fate' | 'recoverableUntil'>;

function saysFate({ fate, recoverableUntil }: OrphanFate): string {
  if (fate === 'purged') return 'is gone from its vault for good';
  const until = recoverableUntil === undefined ? '' : ` until ${recoverableUntil}`;
  return `is deleted and can be recovered${until}`;
}

function bringBack(source: Source, { fate }: OrphanFate): string {
  return fate === 'purged'
    ? `Import it under its name again: az keyvault certificate import --vault-name ${source.vault} --name ${source.name} --file {its PFX}`
    : `Recover it: ${recoverCommand(source)}`;
}

/** The command that brings a soft-deleted certificate back. */
export function recoverCommand({ vault, name }: Source): string {
  return `az keyvault certificate recover --vault-name ${vault} --name ${name}`;
}

export function handsOff(source: Source, target: Target): Problem {
  const path = formatTarget(target);
  return {
    code: 'TAG_FORBIDS',
    message: `The last version of ${formatSource(source)} was tagged certkeeper: ignore, so ${path} is left as it is although its source is gone.`,
    resource: path,
    cure: `Detach it by hand: DELETE /api/certificates/${formatSource(source)}?targets=${path}`,
  };
}

export function notOwned(source: Source, target: Target): Problem {
  const path = formatTarget(target);
  return {
    code: 'BINDING_DISCOVERED',
    message: `${path} was attached to ${formatSource(source)} by somebody else and only found by Certkeeper, which leaves it although its source is gone.`,
    resource: path,
    cure: 'Remove it in API Management, or have Certkeeper clean up what it found too: CERTKEEPER_CLEANUP_DISCOVERED=true',
  };
}

export function doubted(source: Source, target: Target): Problem {
  const path = formatTarget(target);
  const [service = ''] = path.split('/');
  return {
    code: 'ORPHANS_DOUBTED',
    message: `${path} is kept: ${formatSource(source)} was found gone together with so many others of ${service} that it may be our eyes that fail.`,
    resource: path,
    cure: confirmCure(service),
  };
}

/** The finding about a service: said once, and in every sweep's result until somebody goes on. */
export function doubtedService(service: string, count: number, bound: number): Problem {
  return {
    code: 'ORPHANS_DOUBTED',
    message: `The sources of ${String(count)} of the ${String(bound)} certificates at ${service} were found gone within a day. That many at once may be our eyes failing, so nothing of it is removed.`,
    resource: service,
    cure: confirmCure(service),
  };
}

function confirmCure(service: string): string {
  return `Look at the vaults. Bring back what should be there (az keyvault certificate recover --vault-name {vault} --name {name}); if all of it is meant to be gone, confirm it: POST /api/services/${service}/orphans/confirm (role Certkeeper.Manage)`;
}

/** The finding about a vault whose certificates went without a trace. */
export function doubtedVault(vault: string, names: readonly string[]): Problem {
  const named = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${String(names.length - 5)} more` : '';
  return {
    code: 'ORPHANS_DOUBTED',
    message: `The vault ${vault} has no trace of ${named}${more}, and nothing in it is older than they are: it looks as if it had been deleted and made anew. Nothing is concluded from it.`,
    resource: vault,
    cure: 'Put the certificates back under their names. What is meant to be gone is detached by hand: DELETE /api/certificates/{vault}/{name}?targets={target}',
  };
}

export function vaultUnseen(source: Source): Problem {
  return {
    code: 'AZURE_UNAVAILABLE',
    message: `The vault ${source.vault} could not be looked through in this sweep, so nothing is removed for ${formatSource(source)}.`,
    resource: source.vault,
    cure: "Look at the sweep's problems: GET /api/operations/sweep",
  };
}

export function useUnknown(target: Target, why: Problem): Problem {
  const path = formatTarget(target);
  return {
    code: 'USAGE_UNKNOWN',
    message: `It could not be found out whether something uses ${path}, so it is kept: ${why.message}`,
    resource: path,
    cure: why.cure ?? 'The next sweep looks again.',
  };
}

export function noEtag(target: Target): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_CHANGED',
    message: `API Management tells no ETag of ${path}, so a removal could not be tied to what was seen.`,
    resource: path,
    cure: 'Remove it by hand.',
  };
}

/** What uses it keeps it for as long as it does. */
export function inUse(problem: Problem): Problem {
  return {
    ...problem,
    cure:
      problem.code === 'TARGET_IN_USE'
        ? 'Let them use another certificate; the next sweep removes this one then.'
        : 'Look at them. If none of them uses it, detach it with force=true (role Certkeeper.Manage).',
  };
}

/**
 * API Management refuses to delete it; its words say why.
 * @param next what comes then, half a sentence
 */
export function refused(target: Target, { message }: Problem, next: string): Problem {
  const path = formatTarget(target);
  return {
    code: 'TARGET_IN_USE',
    message: `API Management does not delete ${path}; something may still use it. ${message}`,
    resource: path,
    cure: `Look in API Management for what uses it; ${next}`,
  };
}
