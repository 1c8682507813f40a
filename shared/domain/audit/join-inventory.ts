import { formatSource, type Source } from '../source.ts';
import type { AuditFacts } from './audit-facts.ts';
import type { AuditView, SeenPlace, SeenService, SeenSource, SeenVault } from './audit-view.ts';
import { toPlaceRow, toVaultRow } from './certificate-rows.ts';
import type { ServiceInventory } from './inventory.ts';
import { readVaults, sourceStateOf, type KnownVaults } from './known-vaults.ts';
import { indexLedger, type LedgerIndex } from './ledger-index.ts';
import { listPlaces, type InstalledAt } from './list-places.ts';
import { standingOf } from './standing.ts';

/**
 * Brings together what was read and what the ledger knows. Linear: everything is looked up by its
 * name, its target or its thumbprint.
 */
export function joinInventory(facts: AuditFacts): AuditView {
  const ledger = indexLedger(facts.ledger);
  const known = readVaults(facts.vaults);
  const places = new Map<string, SeenPlace>();
  const services = inOrder(facts.services).map((inventory): [string, SeenService] => {
    // Of what could not be read nothing is to be believed.
    const listed = inventory.unreadable === undefined ? listPlaces(inventory) : [];
    const seen = listed.flatMap((installed) => {
      // Resource Manager ignores case; what is answered twice is one.
      if (places.has(installed.key)) return [];
      const place = joinPlace(installed, inventory, ledger, known);
      places.set(installed.key, place);
      return [place];
    });
    return [inventory.name.toLowerCase(), { inventory, places: seen }];
  });
  const bySource = groupBy(places.values(), ({ source }) => source && formatSource(source));
  const byVault = groupBy(places.values(), ({ source }) => source?.vault);
  const sources = new Map(
    [...known.certificates].map(([name, { source, certificate }]): [string, SeenSource] => {
      const entry = ledger.bySource.get(name);
      const row = toVaultRow(source, certificate);
      const installed = bySource.get(name) ?? [];
      return [name, { row, source, certificate, ...(entry && { entry }), places: installed }];
    }),
  );
  return {
    facts,
    certificates: [...sources.values(), ...places.values()]
      .map(({ row }) => row)
      .sort((a, b) => (a.id < b.id ? -1 : 1)),
    sources,
    byThumbprint: new Map(
      [...sources.values()].flatMap((seen) => {
        const { thumbprint } = seen.certificate;
        return thumbprint === undefined ? [] : [[thumbprint, seen] as const];
      }),
    ),
    places,
    services: new Map(services),
    vaults: new Map(
      inOrder(facts.vaults).map((inventory): [string, SeenVault] => {
        const name = inventory.name.toLowerCase();
        return [name, { inventory, places: byVault.get(name) ?? [] }];
      }),
    ),
    ledger: ledger.bySource,
    stateOf: (source) => sourceStateOf(source, known),
    servicesComplete: facts.services.every(
      ({ unreadable, gaps }) => unreadable === undefined && gaps.length === 0,
    ),
  };
}

function joinPlace(
  installed: InstalledAt,
  service: ServiceInventory,
  ledger: LedgerIndex,
  known: KnownVaults,
): SeenPlace {
  const kept = ledger.byPlace.get(installed.byClient ?? installed.key);
  const source = sourceOf(installed, kept?.entry.record.source);
  const sourceState = sourceStateOf(source, known);
  const own =
    kept !== undefined && source !== undefined && isSame(kept.binding.source, source)
      ? kept
      : undefined;
  const current = sourceState.kind === 'present' ? sourceState.certificate : undefined;
  const details =
    installed.thumbprint === undefined ? undefined : known.details.get(installed.thumbprint);
  const { binding, access, orphan } = own ?? {};
  return {
    row: toPlaceRow(installed, service, { source, current, details, kept: own }),
    service,
    standing: standingOf({
      ...{ installed, sourceState, binding, access, orphan, readAt: service.readAt },
    }),
    sourceState,
    ...(source && { source }),
    ...(binding && { binding }),
    ...(access && { access }),
    ...(orphan && { orphan }),
    ...(installed.reference?.kind === 'foreign' && { foreign: installed.reference.identifier }),
  };
}

/** What it reads counts; where it reads nothing, what Certkeeper keeps it current from. */
function sourceOf({ reference }: InstalledAt, kept: Source | undefined): Source | undefined {
  if (reference?.kind === 'key-vault') return reference.secret.source;
  return reference?.kind === 'uploaded' ? kept : undefined;
}

function isSame(a: Source, b: Source): boolean {
  return formatSource(a) === formatSource(b);
}

/** By name, so that the order in which they were read says nothing. */
function inOrder<T extends { readonly name: string }>(parts: readonly T[]): readonly T[] {
  return parts.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function groupBy<T>(
  all: Iterable<T>,
  keyOf: (one: T) => string | undefined,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
