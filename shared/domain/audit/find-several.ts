/** Certificates that are there more often than once, and keys that serve for more than one thing. */
import { nameKey } from './distinguished-name.ts';
import type { AuditView, SeenPlace, SeenService, SeenSource } from './audit-view.ts';
import type { Place } from './audit-report.ts';
import { foundAtSource, type Check, type Found } from './found.ts';
import { toPlainText } from '../plain-text.ts';
import { count, someOf } from './wording.ts';

export const findSeveral: Check = (view) => [
  ...[...view.services.values()].flatMap(severalIds),
  ...keysReused(view),
];

/** In a service, or in one of its workspaces: a workspace needs a copy of its own. */
function severalIds({ inventory, places }: SeenService): Found[] {
  const groups = new Map<string, SeenPlace[]>();
  for (const seen of places) {
    const { place, workspace = '', thumbprint } = seen.row;
    if (thumbprint === undefined || (place !== 'client' && place !== 'workspace')) continue;
    const key = JSON.stringify([workspace, thumbprint]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [seen]);
    else group.push(seen);
  }
  return [...groups.values()].flatMap((group): Found[] => {
    const [first] = group;
    if (first === undefined || group.length === 1) return [];
    const { row } = first;
    const sources = new Set(group.map((one) => one.row.source));
    const scope =
      row.workspace === undefined
        ? inventory.name
        : `${inventory.name}/workspaces/${row.workspace}`;
    return [
      {
        code: 'SEVERAL_IDS',
        about: inventory.name,
        resourceId: inventory.resourceId,
        message: `The same certificate is in ${toPlainText(scope, 200)} under ${count(group.length, 'id')}: ${someOf(group.map((one) => one.row.id))}.`,
        cure: 'Let everything refer to one of them, and remove the others. What refers to each: npx certkeeper usage {vault}/{name}',
        // A rotation changes the thumbprint and not what is to be done.
        key:
          sources.size === 1 && row.source !== undefined
            ? `${scope} ${row.source}`
            : `${scope} ${row.thumbprint ?? ''}`,
      },
    ];
  });
}

/**
 * What a private key serves for. Certificates of different subjects are different purposes. One
 * subject's certificate serves several when it proves different things in different places: as a
 * client certificate who calls a backend, as that of a custom domain who is called, as a CA
 * certificate whom to trust. No purpose of its own is a renewal with the same key, a copy of one
 * certificate in another vault, service or workspace, or what a gateway takes from its service.
 */
const PURPOSE_OF_PLACE: Readonly<Record<Place, string | undefined>> = {
  vault: undefined,
  gateway: undefined,
  client: 'client certificates',
  workspace: 'client certificates',
  hostname: 'custom domains',
  ca: 'CA certificates',
};

function keysReused(view: AuditView): Found[] {
  const keys = new Map<string, KeyUse>();
  for (const seen of view.sources.values()) {
    const { details } = seen.certificate;
    if (details === undefined) continue;
    const use = keys.get(details.publicKeyDigest) ?? newKeyUse(seen);
    keys.set(details.publicKeyDigest, use);
    use.ids.push(seen.row.id);
    use.parts.add(seen.source.vault);
    use.subjects.set(nameKey(details.looks.subject), details.looks.subject);
  }
  for (const { row, service } of view.places.values()) {
    const purpose = PURPOSE_OF_PLACE[row.place];
    const use = row.publicKeyDigest === undefined ? undefined : keys.get(row.publicKeyDigest);
    if (purpose === undefined || use === undefined) continue;
    use.purposes.add(purpose);
    use.parts.add(service.name);
  }
  return [...keys.values()].flatMap((use) => {
    const subjects = [...use.subjects.values()];
    if (subjects.length < 2 && use.purposes.size < 2) return [];
    const what =
      subjects.length < 2
        ? `is used for ${[...use.purposes].sort().join(' and ')}`
        : `belongs to certificates of ${count(subjects.length, 'subject')}: ${someOf(subjects.sort(), 3)}`;
    return [
      foundAtSource(use.first, {
        code: 'KEY_REUSED',
        message: `The private key of ${someOf(use.ids, 3)} ${what}. Whoever gets hold of it for one has it for all.`,
        cure: 'Give each purpose a key of its own: let the policy of the certificate say reuseKey = false, and create a new version.',
        dependsOn: [...use.parts],
      }),
    ];
  });
}

interface KeyUse {
  readonly first: SeenSource;
  readonly ids: string[];
  /** By a key that is the same for every spelling. */
  readonly subjects: Map<string, string>;
  readonly purposes: Set<string>;
  /** Vaults and services where it was seen. */
  readonly parts: Set<string>;
}

function newKeyUse(first: SeenSource): KeyUse {
  return { first, ids: [], subjects: new Map(), purposes: new Set(), parts: new Set() };
}
