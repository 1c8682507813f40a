import type { PolicyOwner } from './realm.ts';

/** The path of a policy below its realm. */
export function policyPath(owner: PolicyOwner): string {
  switch (owner.kind) {
    case 'realm':
      return 'policies/policy';
    case 'api':
      return `apis/${owner.api}/policies/policy`;
    case 'operation':
      return `apis/${owner.api}/operations/${owner.operation}/policies/policy`;
    case 'resolver':
      return `apis/${owner.api}/resolvers/${owner.resolver}/policies/policy`;
    case 'product':
      return `products/${owner.product}/policies/policy`;
  }
}

const PATHS: readonly [RegExp, (first: string, second: string) => PolicyOwner][] = [
  [/^policies\/policy$/i, () => ({ kind: 'realm' })],
  [/^apis\/([^/]+)\/policies\/policy$/i, (api) => ({ kind: 'api', api })],
  [
    /^apis\/([^/]+)\/operations\/([^/]+)\/policies\/policy$/i,
    (api, operation) => ({ kind: 'operation', api, operation }),
  ],
  [
    /^apis\/([^/]+)\/resolvers\/([^/]+)\/policies\/policy$/i,
    (api, resolver) => ({ kind: 'resolver', api, resolver }),
  ],
  [/^products\/([^/]+)\/policies\/policy$/i, (product) => ({ kind: 'product', product })],
];

/** Whose policy a path below a realm is; undefined when it is none that is known. */
export function ownerAt(path: string): PolicyOwner | undefined {
  for (const [pattern, make] of PATHS) {
    const match = pattern.exec(path);
    if (match !== null) return make(match[1] ?? '', match[2] ?? '');
  }
  return undefined;
}

/** Non-current revisions are APIs of their own: `{api};rev={n}` (REST reference "Apis"). */
export function isRevision(api: string): boolean {
  return /;rev=/i.test(api);
}

/** The API whose revision it is; itself when it is none. */
export function rootOf(api: string): string {
  return api.replace(/;rev=.*$/i, '');
}
