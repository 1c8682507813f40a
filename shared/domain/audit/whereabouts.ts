import { formatSource, type Source } from '../source.ts';
import { targetKey, type Target } from '../target.ts';
import type { AuditView } from './audit-view.ts';
import type { Found } from './found.ts';

/** What a finding is about, and the source by whose tag it may be acknowledged. */
export type About = Pick<Found, 'about' | 'resourceId' | 'source'>;

/** A source: its row, or its vault where that was not read. */
export function aboutSource({ sources, vaults }: AuditView, source: Source): About {
  const name = formatSource(source);
  const row = sources.get(name)?.row;
  if (row !== undefined) return { about: row.id, resourceId: row.resourceId, source: name };
  const vault = vaults.get(source.vault)?.inventory;
  return { about: source.vault, resourceId: vault?.resourceId ?? source.vault, source: name };
}

/** A target: its row; where nothing is there yet, its service; where it has none, its source. */
export function aboutTarget(view: AuditView, source: Source, target: Target): About {
  const row = view.places.get(targetKey(target))?.row;
  if (row !== undefined) {
    return { about: row.id, resourceId: row.resourceId, source: formatSource(source) };
  }
  if (!('service' in target)) return aboutSource(view, source);
  return { ...aboutService(view, target.service), source: formatSource(source) };
}

/** A service as a whole: nobody acknowledges for it by the tag of one certificate. */
export function aboutService({ services }: AuditView, name: string): About {
  const found = services.get(name.toLowerCase());
  return { about: name, resourceId: found?.inventory.resourceId ?? name };
}
