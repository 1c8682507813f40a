/** What a run may change: what it made itself, or what an earlier run left. */

/** Everything that a run makes is named so, as far as it has a name. */
export const PREFIX = 'ckverify-';

/** The ids of things that carry the prefix where no address shows it, such as Entra applications. */
export interface Ownership {
  /** `id` becomes something that may be changed: a segment of a path. */
  add(id: string): void;
  /** One request becomes allowed although nothing in its address is a run's own. */
  allow(method: string, url: string): void;
  /** Thrown when the request would change something else; it is then not sent. */
  require(method: string, url: string, body?: unknown): void;
}

/** Thrown when a request would touch what is not the run's own: a mistake in a question. */
export class ForeignResourceError extends Error {
  constructor(method: string, url: string) {
    super(`${method} ${url} was not sent: it would change something that is not named ${PREFIX}…`);
    this.name = 'ForeignResourceError';
  }
}

export function makeOwnership(): Ownership {
  const ids = new Set<string>();
  const allowed = new Set<string>();
  const isOwn = (text: unknown): boolean =>
    typeof text === 'string' && (isNamed(text) || ids.has(text.toLowerCase()));

  return {
    add: (id) => void ids.add(id.toLowerCase()),
    allow: (method, url) => void allowed.add(keyOf(method, url)),
    require(method, url, body) {
      if (method === 'GET' || method === 'HEAD') return;
      const { hostname, pathname } = new URL(url);
      const segments = pathname.split('/').map(decodeURIComponent);
      if (isNamed(hostname) || segments.some(isOwn) || allowed.has(keyOf(method, url))) return;
      // Graph gives out the ids: what is being made is known by what is sent.
      const graphMakes = /^\/v1\.0\/(applications|servicePrincipals)$/.exec(pathname)?.[1];
      if (hostname === 'graph.microsoft.com' && method === 'POST' && isObject(body)) {
        if (graphMakes === 'applications' && isOwn(body['displayName'])) return;
        if (graphMakes === 'servicePrincipals' && isOwn(body['appId'])) return;
      }
      throw new ForeignResourceError(method, url);
    },
  };
}

/** Whether a name is one that a run gives. */
export function isNamed(name: string): boolean {
  return name.toLowerCase().startsWith(PREFIX);
}

function keyOf(method: string, url: string): string {
  const { host, pathname } = new URL(url);
  return `${method} ${host}${pathname}`.toLowerCase();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
