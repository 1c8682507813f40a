/**
 * An API Management service in memory, as far as it is read: resources by their paths below the
 * service, lists that follow from them. The real clients run against it.
 */
import { makeScriptedAzure, refuse, type Answer, type Sent } from './fake-http-client.ts';

export const CARED_FOR = {
  id: '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw',
  subscriptionId: '5eed0000-0000-4000-8000-000000000001',
  resourceGroup: 'rg',
  name: 'gw',
};

export interface FakeService {
  readonly clients: ReturnType<typeof makeScriptedAzure>['clients'];
  /** Method and path below the service of every call since it was last emptied. */
  readonly calls: string[];
  /** Puts a resource at a path, in a new state. */
  put(path: string, properties?: Readonly<Record<string, unknown>>): void;
  policy(path: string, value: string): void;
  /** Takes it away with everything below it; the empty path is the service itself. */
  remove(path: string): void;
  has(path: string): boolean;
  /** What answers instead; a path in lower case. */
  fault: (method: string, path: string) => Answer | undefined;
  /** What `allPolicies` shows of what is there. */
  lists: (path: string) => boolean;
  /** Whether the list of APIs shows revisions that are not current. */
  listsRevisions: boolean;
  /** Items in a page. */
  page: number;
}

interface Resource {
  readonly path: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly etag: string;
}

export function makeFakeService(): FakeService {
  const resources = new Map<string, Resource>();
  let states = 0;
  const set = (path: string, properties: Readonly<Record<string, unknown>>): void => {
    states += 1;
    resources.set(path.toLowerCase(), { path, properties, etag: `"${String(states)}"` });
  };
  set('', { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' });

  const toBody = ({ path, properties }: Resource): unknown => ({
    id: `${CARED_FOR.id}/${path}`,
    name: path === '' ? CARED_FOR.name : path.slice(path.lastIndexOf('/') + 1),
    location: 'westeurope',
    properties,
  });
  const childrenOf = (collection: string): Resource[] =>
    [...resources.entries()]
      .filter(([path]) => path.startsWith(`${collection}/`))
      .filter(([path]) => !path.slice(collection.length + 1).includes('/'))
      .map(([, one]) => one);
  const page = (items: readonly unknown[], sent: Sent): Answer => {
    const skip = Number(sent.query.get('$skip') ?? 0);
    const rest = items.length > skip + service.page;
    const next = `https://management.azure.com${sent.path}?$skip=${String(skip + service.page)}`;
    return {
      status: 200,
      body: {
        value: items.slice(skip, skip + service.page),
        ...(rest ? { nextLink: next } : {}),
      },
    };
  };
  const list = (path: string, sent: Sent): Answer => {
    const owner = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    if (!resources.has(owner)) return refuse(404, 'ResourceNotFound');
    if (path === 'allpolicies') {
      const policies = [...resources.values()].filter(
        (one) => /\/?policies\/policy$/.test(one.path) && service.lists(one.path),
      );
      const items = policies.map((one) => ({
        properties: { referencePolicyId: `${CARED_FOR.id}/${one.path}` },
      }));
      return page(items, sent);
    }
    if (path.endsWith('/revisions')) {
      const [, root = ''] = /([^/]+)\/revisions$/.exec(path) ?? [];
      const folder = owner.slice(0, owner.lastIndexOf('/'));
      const all = childrenOf(folder).filter((one) =>
        one.path.toLowerCase().startsWith(`${folder}/${root};rev=`),
      );
      const items = [
        { apiId: `/apis/${root};rev=1`, apiRevision: '1', isCurrent: true },
        ...all.map((one) => ({ apiId: `/${one.path}`, isCurrent: false })),
      ];
      return page(items, sent);
    }
    const items = childrenOf(path).filter(
      (one) => service.listsRevisions || !/;rev=[^/]+$/.test(one.path),
    );
    return page(items.map(toBody), sent);
  };

  const azure = makeScriptedAzure((sent) => {
    const below = decodeURIComponent(sent.path.slice(CARED_FOR.id.length)).replace(/^\//, '');
    const path = below.toLowerCase();
    service.calls.push(`${sent.method} ${below}`);
    const fault = service.fault(sent.method, path);
    if (fault !== undefined) return fault;
    if (path.split('/').length % 2 === 1 && path !== '') return list(path, sent);
    const found = resources.get(path);
    if (found === undefined) return refuse(404, 'ResourceNotFound');
    return {
      status: 200,
      headers: { etag: found.etag },
      ...(sent.method === 'HEAD' ? {} : { body: toBody(found) }),
    };
  });

  const service: FakeService = {
    clients: azure.clients,
    calls: [],
    put: (path, properties = {}) => set(path, properties),
    policy: (path, value) => set(path, { value, format: 'rawxml' }),
    remove(path) {
      const low = path.toLowerCase();
      for (const one of [...resources.keys()]) {
        if (one === low || low === '' || one.startsWith(`${low}/`)) resources.delete(one);
      }
    },
    has: (path) => resources.has(path.toLowerCase()),
    fault: () => undefined,
    lists: (path) => !path.startsWith('workspaces/') && !path.includes('/resolvers/'),
    listsRevisions: true,
    page: 100,
  };
  return service;
}
