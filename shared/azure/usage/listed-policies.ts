import { ownerAt } from './policy-path.ts';

/**
 * The policies that a service's list `allPolicies` shows: those of the service, its APIs, their
 * operations, its products. The list is documented as the "status of all policies" and by one
 * example; whether it holds those of workspaces and resolvers is not, so those are always walked.
 */
export class ListedPolicies {
  /** Whether those of revisions that are not current are known to be in it. */
  readonly revisions: boolean;
  readonly #byApi = new Map<string, { readonly api: string; readonly paths: string[] }>();
  readonly #products = new Set<string>();
  readonly #paths = new Set<string>();

  constructor(paths: Iterable<string>, revisions: boolean) {
    this.revisions = revisions;
    for (const path of paths) {
      this.#paths.add(path.toLowerCase());
      const owner = ownerAt(path);
      if (owner === undefined) continue;
      if (owner.kind === 'product') this.#products.add(owner.product);
      if (!('api' in owner)) continue;
      const key = owner.api.toLowerCase();
      const own = this.#byApi.get(key);
      if (own === undefined) this.#byApi.set(key, { api: owner.api, paths: [path] });
      else own.paths.push(path);
    }
  }

  has(path: string): boolean {
    return this.#paths.has(path.toLowerCase());
  }

  ofApi(api: string): readonly string[] {
    return this.#byApi.get(api.toLowerCase())?.paths ?? [];
  }

  /** Every API, or revision of one, of which a policy is listed. */
  apis(): readonly string[] {
    return [...this.#byApi.values()].map(({ api }) => api);
  }

  products(): Iterable<string> {
    return this.#products;
  }
}
