/**
 * The walk over everything at a service in which a certificate can be named, a part at a time: what
 * a service or a workspace has of its own, its fragments, its gateways, each API with all of its
 * revisions, each product. In an order that does not depend on how Azure lists, so that a walk can
 * be left off and gone on with.
 */
import type { ApiManagementClient } from '@azure/arm-apimanagement';
import { readApi, type ApiNames } from './read-api.ts';
import { readFragments, readGateways, readOwn, readPolicies } from './read-part.ts';
import { ownerOf, type Known, type Reading } from './reading.ts';
import type { ListedPolicies } from './listed-policies.ts';
import { hasPassed, hasPassedStage, type Position, type Stage } from './position.ts';
import { isRevision, rootOf } from './policy-path.ts';
import { serviceRealm, workspaceRealm, type Realm } from './realm.ts';
import { sealDocument } from './seal.ts';
import type { CaredFor } from '../cared-for.ts';
import type { UseDocument } from '../../domain/certificate-use.ts';

export interface Walk {
  readonly client: ApiManagementClient;
  readonly service: CaredFor;
  readonly reading: Reading;
  /** What Azure lists as there, where that list is trusted; absent = everything is asked for. */
  readonly listed?: ListedPolicies | undefined;
  /** Where to go on. */
  readonly after?: Position | undefined;
}

export interface Part {
  readonly position: Position;
  /** Whose documents they are, as a path below the service: `apis/orders`, `workspaces/team-a`. */
  readonly place: string;
  /** Stands for a whole list that could not be read: what lies below it was not walked. */
  readonly unlisted: boolean;
  /** All documents of the part; none when it is gone meanwhile. */
  read(known: Known): Promise<readonly UseDocument[]>;
}

/** Thrown when workspaces cannot be listed: what the SDK throws. */
export async function* partsOf(walk: Walk): AsyncGenerator<Part> {
  for await (const part of partsAsTheyAre(walk)) {
    yield { ...part, read: async (known) => (await part.read(known)).map(sealDocument) };
  }
}

async function* partsAsTheyAre(walk: Walk): AsyncGenerator<Part> {
  const { client, service, reading, after } = walk;
  yield* partsOfRealm(walk, serviceRealm(client, service));
  const workspaces = await reading.list(() =>
    client.workspace.listByService(service.resourceGroup, service.name),
  );
  const names = new Set(workspaces.flatMap(({ name }) => (name === undefined ? [] : [name])));
  for (const name of [...names].sort(byLowerCase)) {
    if (after !== undefined && name.toLowerCase() < after.workspace) continue;
    yield* partsOfRealm(walk, workspaceRealm(client, service, name));
  }
}

async function* partsOfRealm(walk: Walk, realm: Realm): AsyncGenerator<Part> {
  const { reading, after } = walk;
  const workspace = realm.workspace ?? '';
  const whole = (
    stage: Stage,
    place: string,
    read: (known: Known) => Promise<readonly UseDocument[]>,
  ): Part[] =>
    hasPassedStage(after, workspace, stage)
      ? []
      : [{ position: { workspace, stage }, place, unlisted: false, read }];
  const each = async function* (
    stage: Stage,
    list: () => Promise<ReadonlyMap<string, (known: Known) => Promise<readonly UseDocument[]>>>,
  ): AsyncGenerator<Part> {
    if (hasPassedStage(after, workspace, stage)) return;
    let items;
    try {
      items = await list();
    } catch (error) {
      yield {
        position: { workspace, stage },
        place: `${realm.prefix}${stage}`,
        unlisted: true,
        // What the SDK threw, to be judged by whoever reads the part.
        read: () => Promise.reject(toError(error)),
      };
      return;
    }
    for (const id of [...items.keys()].sort(byLowerCase)) {
      const position = { workspace, stage, id: id.toLowerCase() };
      const read = items.get(id);
      if (read === undefined || hasPassed(after, position)) continue;
      yield { position, place: `${realm.prefix}${stage}/${id}`, unlisted: false, read };
    }
  };

  const own = realm.workspace === undefined ? 'service' : realm.prefix.slice(0, -1);
  yield* whole('own', own, (known) => readOwn(walk, realm, known));
  yield* whole('fragments', `${realm.prefix}policyFragments`, (known) =>
    readFragments(reading, realm, known),
  );
  if (realm.workspace === undefined) yield* whole('gateways', 'gateways', () => readGateways(walk));
  yield* each('apis', async () => {
    const apis = await listApis(walk, realm);
    return new Map(
      apis.map((names) => [names.root, (known) => readApi(walk, realm, names, known)] as const),
    );
  });
  yield* each('products', async () => {
    const products = await reading.list(() => realm.products(), ownerOf(realm));
    const ids = new Map(products.map(({ name = '' }) => [name.toLowerCase(), name]));
    if (realm.workspace === undefined) {
      for (const product of walk.listed?.products() ?? []) {
        if (!ids.has(product.toLowerCase())) ids.set(product.toLowerCase(), product);
      }
    }
    return new Map(
      [...ids.values()].map(
        (product) =>
          [
            product,
            (known) => readPolicies(reading, realm, [{ kind: 'product', product }], known),
          ] as const,
      ),
    );
  });
}

/**
 * Every API with its revisions. The list of APIs shows the revisions that are not current, too, as
 * `{api};rev={n}`: it can be filtered by `isCurrent` (REST reference "Apis - List By Service"), and
 * the vendor's own editor extension has to filter them out (vscode-apimanagement#140).
 */
async function listApis({ reading, listed }: Walk, realm: Realm): Promise<ApiNames[]> {
  const apis = await reading.list(() => realm.apis(), ownerOf(realm));
  const found = new Map<
    string,
    { root: string; revisions: Map<string, string>; graphql: boolean }
  >();
  const at = (name: string): { root: string; revisions: Map<string, string>; graphql: boolean } => {
    const root = rootOf(name);
    const api = found.get(root.toLowerCase()) ?? { root, revisions: new Map(), graphql: false };
    found.set(root.toLowerCase(), api);
    if (isRevision(name) && !api.revisions.has(name.toLowerCase())) {
      api.revisions.set(name.toLowerCase(), name);
    }
    return api;
  };
  for (const { name, apiType } of apis) {
    if (name !== undefined && apiType === 'graphql') at(name).graphql = true;
    else if (name !== undefined) at(name);
  }
  // One that the list of policies knows is there, whatever the list of APIs says.
  if (realm.workspace === undefined) for (const api of listed?.apis() ?? []) at(api);
  return [...found.values()].map(({ root, revisions, graphql }) => ({
    root,
    revisions: [...revisions.values()],
    graphql,
  }));
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function byLowerCase(a: string, b: string): number {
  const [one, other] = [a.toLowerCase(), b.toLowerCase()];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
