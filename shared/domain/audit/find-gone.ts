/** Sources that are gone, disabled, or out of sight; told by what is left of them at the services. */
import { recoverCommand } from '../cleanup-words.ts';
import { formatSource } from '../source.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { AuditView, SeenPlace, SeenSource, SeenVault } from './audit-view.ts';
import { FINDING_KINDS } from './finding-kinds.ts';
import { foundAtPlace, foundAtSource, gravityOf, type Check, type Found } from './found.ts';
import { isGone } from './known-vaults.ts';
import { toPlainText } from '../plain-text.ts';
import { count, shellWord, someOf } from './wording.ts';
import { graverOf } from './severity.ts';

export const findGone: Check = (view) => [
  ...[...view.vaults.values()].flatMap((seen) => vaultGone(seen, view.facts)),
  ...[...view.sources.values()].flatMap((seen) => disabled(seen, view)),
  ...[...view.places.values()].flatMap((seen) => {
    const { facts } = view;
    switch (seen.standing) {
      case 'orphaned':
        return orphaned(seen, facts);
      case 'source-deleted':
      case 'source-gone':
        return gone(seen, facts);
      case 'foreign':
        return [foreign(seen)];
      default:
        return [];
    }
  }),
];

function vaultGone({ inventory, places }: SeenVault, facts: AuditFacts): Found[] {
  if (!isGone(inventory)) return [];
  const { name, resourceId, unreadable } = inventory;
  return [
    {
      code: 'VAULT_GONE',
      ...gravestOf('VAULT_GONE', places, facts),
      about: name,
      resourceId,
      message: `The vault ${name} is gone. ${sayLeft(places)}`,
      cure:
        unreadable?.code === 'VAULT_DELETED'
          ? `Recover it: az keyvault recover --name ${name}`
          : `Recover it if it was deleted: az keyvault recover --name ${name}; or take it out of CERTKEEPER_VAULTS.`,
    },
  ];
}

function disabled(seen: SeenSource, view: AuditView): Found[] {
  const { certificate, source, places, entry } = seen;
  const bound = entry !== undefined && entry.bindings.length > 0;
  // Nobody minds one that is nowhere: it may have been disabled for that.
  if (certificate.enabled || (places.length === 0 && !bound)) return [];
  const version = certificate.version === undefined ? '' : ` --version ${certificate.version}`;
  return [
    foundAtSource(seen, {
      code: 'SOURCE_DISABLED',
      ...gravestOf('SOURCE_DISABLED', places, view.facts),
      message: `The current version of ${formatSource(source)} is disabled, and an older one is never read in its place. ${sayLeft(places)}`,
      cure: `az keyvault certificate set-attributes --vault-name ${source.vault} --name ${source.name}${version} --enabled true`,
    }),
  ];
}

/** As grave as at the place that it hurts first. */
function gravestOf(
  code: 'VAULT_GONE' | 'SOURCE_DISABLED',
  places: readonly SeenPlace[],
  facts: AuditFacts,
): ReturnType<typeof gravityOf> {
  const used = places.filter(({ row }) => row.uses?.verdict !== 'unused');
  const [first] = used.flatMap(({ row }) => row.expiresAt ?? []).sort();
  const gravity = gravityOf(code, first, facts);
  return { ...gravity, severity: graverOf(gravity.severity, FINDING_KINDS[code].severity) };
}

function sayLeft(places: readonly SeenPlace[]): string {
  if (places.length === 0) return 'No service that was read holds anything of it.';
  const where = someOf(
    places.map(({ row }) => row.id),
    3,
  );
  return `${count(places.length, 'place')} ${places.length === 1 ? 'keeps' : 'keep'} what ${places.length === 1 ? 'it has' : 'they have'}: ${where}.`;
}

function orphaned(seen: SeenPlace, facts: AuditFacts): Found[] {
  const { row, source, orphan } = seen;
  if (source === undefined || orphan === undefined) return [];
  const { severity } = gravityOf('ORPHANED', row.expiresAt, facts);
  const { removeAfter, kept, recoverableUntil, fate } = orphan;
  const until = recoverableUntil === undefined ? '' : ` until ${recoverableUntil.slice(0, 10)}`;
  const lost = fate === 'purged' ? 'is gone for good' : `is deleted, and can be recovered${until}`;
  const next =
    removeAfter === undefined
      ? (kept?.message ?? 'It is reported, and not removed.')
      : `It is to be removed on ${removeAfter.slice(0, 10)}.`;
  const detach = `npx certkeeper detach ${formatSource(source)} -t ${shellWord(row.id)}`;
  return [
    foundAtPlace(seen, {
      code: 'ORPHANED',
      severity,
      message: `${row.id} is left over from ${formatSource(source)}, which ${lost}. ${next}`,
      cure: kept?.cure ?? `${bringBack(seen)}Or take it away: ${detach}`,
      ...dueAt(removeAfter ?? row.expiresAt),
    }),
  ];
}

function gone(seen: SeenPlace, facts: AuditFacts): Found[] {
  const { row, source, sourceState } = seen;
  if (source === undefined) return [];
  const recoverable = sourceState.kind === 'soft-deleted';
  const unseen = sourceState.kind === 'gone' && !sourceState.traceless;
  const code = recoverable ? 'SOURCE_SOFT_DELETED' : 'SOURCE_GONE';
  const until = recoverable ? sourceState.recoverableUntil?.slice(0, 10) : undefined;
  const what = recoverable
    ? `is deleted, and can be recovered${until === undefined ? '' : ` until ${until}`}`
    : `is not in its vault any more${unseen ? ' (whether it can be recovered could not be seen)' : ''}`;
  return [
    foundAtPlace(seen, {
      code,
      ...gravityOf(code, row.expiresAt, facts),
      message: `${row.id} is kept current from ${formatSource(source)}, which ${what}. It keeps what it has, and gets nothing new.`,
      cure: `${bringBack(seen)}${recoverable ? 'Or let' : 'Let'} it refer to another certificate.`,
    }),
  ];
}

/** The sentence that says how, where there is a way. */
function bringBack({ source, sourceState }: SeenPlace): string {
  if (source === undefined || sourceState.kind !== 'soft-deleted') return '';
  return `Recover it: ${recoverCommand(source)}. `;
}

function foreign(seen: SeenPlace): Found {
  const { row, foreign: address = '' } = seen;
  return foundAtPlace(seen, {
    code: 'SOURCE_VAULT_FOREIGN',
    message: `${row.id} reads ${toPlainText(address, 300)}, which is in no vault under the care of Certkeeper.`,
    cure: 'Add its vault to CERTKEEPER_VAULTS, if it is yours.',
  });
}

function dueAt(at: string | undefined): { readonly dueAt?: string } {
  return at === undefined ? {} : { dueAt: at };
}
