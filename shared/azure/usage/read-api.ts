import { mapBounded } from '../../map-bounded.ts';
import type { Walk } from './parts.ts';
import { isRevision, ownerAt } from './policy-path.ts';
import { AT_ONCE, readPolicies } from './read-part.ts';
import type { Known } from './reading.ts';
import type { PolicyOwner, Realm } from './realm.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';

/** An API by the names under which it can be asked for. */
export interface ApiNames {
  /** Answers for the current revision. */
  readonly root: string;
  /** Others that are known to be there: `{root};rev={n}`. */
  readonly revisions: readonly string[];
  /** Whether it has resolvers, each with a policy of its own. */
  readonly graphql: boolean;
}

/** The policies of an API, of all of its revisions, and of their operations and resolvers. */
export async function readApi(
  walk: Walk,
  realm: Realm,
  { root, revisions, graphql }: ApiNames,
  known: Known,
): Promise<UseDocument[]> {
  const more = await moreRevisions(walk, realm, root);
  const names = new Map(
    [root, ...more, ...revisions].map((name) => [name.toLowerCase(), name] as const),
  );
  const owners = await mapBounded([...names.values()], AT_ONCE, async (api) => [
    ...(await policiesOf(walk, realm, api, known)),
    ...(graphql ? await resolversOf(walk, realm, api) : []),
  ]);
  return await readPolicies(walk.reading, realm, owners.flat(), known);
}

/**
 * Revisions by their own list. Where the list of policies is trusted, one that it does not name has
 * no policy.
 */
async function moreRevisions(
  { reading, listed }: Walk,
  realm: Realm,
  root: string,
): Promise<string[]> {
  if (listed !== undefined && realm.workspace === undefined) return [];
  const revisions = await reading.list(
    () => realm.revisions(root),
    () => realm.requireApi(root),
  );
  return revisions.flatMap(({ apiId, isCurrent }) => {
    // The current one has a number, too, and is what the root answers for.
    const name = apiId?.slice(apiId.lastIndexOf('/') + 1) ?? '';
    return isCurrent === true || !isRevision(name) ? [] : [name];
  });
}

/** Whom to ask for a policy: those of whom one is known or listed, or everybody. */
async function policiesOf(
  { reading, listed }: Walk,
  realm: Realm,
  api: string,
  known: Known,
): Promise<PolicyOwner[]> {
  const trusted = listed !== undefined && (listed.revisions || !isRevision(api));
  if (trusted && realm.workspace === undefined) {
    const paths = new Map(
      [...known.values()].map(({ path }) => [path.toLowerCase(), path] as const),
    );
    for (const path of listed.ofApi(api)) paths.set(path.toLowerCase(), path);
    return [...paths.values()].flatMap((path) => {
      const owner = ownerAt(path);
      const own = owner !== undefined && 'api' in owner && owner.kind !== 'resolver';
      return own && owner.api.toLowerCase() === api.toLowerCase() ? [owner] : [];
    });
  }
  const operations = await reading.list(
    () => realm.operations(api),
    () => realm.requireApi(api),
  );
  return [
    { kind: 'api', api },
    ...operations.map(({ name = '' }): PolicyOwner => ({
      kind: 'operation',
      api,
      operation: name,
    })),
  ];
}

async function resolversOf({ reading }: Walk, realm: Realm, api: string): Promise<PolicyOwner[]> {
  const { resolvers: list } = realm;
  if (list === undefined) return [];
  const resolvers = await reading.list(
    () => list(api),
    () => realm.requireApi(api),
  );
  return resolvers.map(({ name = '' }) => ({ kind: 'resolver', api, resolver: name }));
}
