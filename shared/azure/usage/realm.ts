/**
 * What a service and its workspaces have in common: collections in which certificates can be named.
 * The SDK has an operation group for each of the two (ARM API 2024-05-01); here they read alike.
 */
import type {
  ApiContract,
  ApiManagementClient,
  ApiRevisionContract,
  BackendContract,
  CertificateContract,
  NamedValueContract,
  OperationContract,
  PolicyFragmentContract,
  ProductContract,
  ResolverContract,
} from '@azure/arm-apimanagement';
import * as z from 'zod';
import type { CaredFor } from '../cared-for.ts';

/** A list that is read a page at a time. */
export interface Pages<Item> {
  byPage(): AsyncIterable<Item[]>;
}

/** To whom a policy belongs. */
export type PolicyOwner =
  | { readonly kind: 'realm' }
  | { readonly kind: 'api'; readonly api: string }
  | { readonly kind: 'operation'; readonly api: string; readonly operation: string }
  | { readonly kind: 'resolver'; readonly api: string; readonly resolver: string }
  | { readonly kind: 'product'; readonly product: string };

/** A policy or a fragment: its state alone, or with its text. Both fail with 404 where there is none. */
export interface Text {
  tag(): Promise<{ eTag?: string }>;
  read(): Promise<{ eTag?: string; value?: string }>;
}

export interface Realm {
  /** Lower case; undefined = the service itself. */
  readonly workspace: string | undefined;
  /** What its paths begin with: empty, or `workspaces/{id}/`. */
  readonly prefix: string;
  /** Fails with 404 when it is gone. */
  require(): Promise<unknown>;
  /** Fails with 404 when the API is gone. */
  requireApi(api: string): Promise<unknown>;
  apis(): Pages<ApiContract>;
  revisions(api: string): Pages<ApiRevisionContract>;
  operations(api: string): Pages<OperationContract>;
  /** Of a GraphQL API; workspaces have none in this version of the API. */
  readonly resolvers: ((api: string) => Pages<ResolverContract>) | undefined;
  products(): Pages<ProductContract>;
  fragments(): Pages<PolicyFragmentContract>;
  backends(): Pages<BackendContract>;
  namedValues(): Pages<NamedValueContract>;
  certificates(): Pages<CertificateContract>;
  /** Undefined where there is no such kind of policy. */
  policy(owner: PolicyOwner): Text | undefined;
  fragment(id: string): Text;
}

/** As it was written: `xml` would answer with what is special in XML escaped once more. */
const RAW = { format: 'rawxml' } as const;
/** The only id that a policy can have (`PolicyIdName`). */
const POLICY = 'policy';

export function serviceRealm(client: ApiManagementClient, service: CaredFor): Realm {
  const at = [service.resourceGroup, service.name] as const;
  return {
    workspace: undefined,
    prefix: '',
    require: () => client.apiManagementService.get(...at),
    requireApi: (api) => client.api.getEntityTag(...at, api),
    apis: () => client.api.listByService(...at),
    revisions: (api) => client.apiRevision.listByService(...at, api),
    operations: (api) => client.apiOperation.listByApi(...at, api),
    resolvers: (api) => client.graphQLApiResolver.listByApi(...at, api),
    products: () => client.product.listByService(...at),
    fragments: () => client.policyFragment.listByService(...at),
    backends: () => client.backend.listByService(...at),
    namedValues: () => client.namedValue.listByService(...at),
    certificates: () => client.certificate.listByService(...at),
    policy(owner) {
      switch (owner.kind) {
        case 'realm':
          return {
            tag: () => client.policy.getEntityTag(...at, POLICY),
            read: () => client.policy.get(...at, POLICY, RAW),
          };
        case 'api':
          return {
            tag: () => client.apiPolicy.getEntityTag(...at, owner.api, POLICY),
            read: () => readApiPolicy(client, [...at, owner.api, POLICY]),
          };
        case 'operation': {
          const address = [...at, owner.api, owner.operation, POLICY] as const;
          return {
            tag: () => client.apiOperationPolicy.getEntityTag(...address),
            read: () => client.apiOperationPolicy.get(...address, RAW),
          };
        }
        case 'resolver': {
          const address = [...at, owner.api, owner.resolver, POLICY] as const;
          return {
            tag: () => client.graphQLApiResolverPolicy.getEntityTag(...address),
            read: () => client.graphQLApiResolverPolicy.get(...address, RAW),
          };
        }
        case 'product':
          return {
            tag: () => client.productPolicy.getEntityTag(...at, owner.product, POLICY),
            read: () => client.productPolicy.get(...at, owner.product, POLICY, RAW),
          };
      }
    },
    fragment: (id) => ({
      tag: () => client.policyFragment.getEntityTag(...at, id),
      read: () => client.policyFragment.get(...at, id, RAW),
    }),
  };
}

/**
 * The SDK reads the answer to this one operation as XML, though it is JSON, and so finds no value
 * in it (azure-sdk-for-js#31566; 10.0.0 still does): the answer is read here.
 */
async function readApiPolicy(
  client: ApiManagementClient,
  address: readonly [group: string, service: string, api: string, policy: typeof POLICY],
): Promise<{ eTag?: string; value?: string }> {
  let body: string | null | undefined;
  const { eTag } = await client.apiPolicy.get(...address, {
    ...RAW,
    onResponse: ({ bodyAsText }) => {
      body = bodyAsText;
    },
  });
  const value = policyIn(body ?? '');
  return { ...(eTag === undefined ? {} : { eTag }), ...(value === undefined ? {} : { value }) };
}

const policySchema = z.object({ properties: z.object({ value: z.string() }) });

/** It is asked for as JSON or as the document itself; the answer may be either. */
function policyIn(body: string): string | undefined {
  if (!body.trimStart().startsWith('{')) return body;
  const read = policySchema.safeParse(JSON.parse(body));
  return read.success ? read.data.properties.value : undefined;
}

export function workspaceRealm(
  client: ApiManagementClient,
  service: CaredFor,
  workspace: string,
): Realm {
  const at = [service.resourceGroup, service.name, workspace] as const;
  return {
    workspace: workspace.toLowerCase(),
    prefix: `workspaces/${workspace}/`,
    require: () => client.workspace.get(...at),
    requireApi: (api) => client.workspaceApi.getEntityTag(...at, api),
    apis: () => client.workspaceApi.listByService(...at),
    revisions: (api) => client.workspaceApiRevision.listByService(...at, api),
    operations: (api) => client.workspaceApiOperation.listByApi(...at, api),
    resolvers: undefined,
    products: () => client.workspaceProduct.listByService(...at),
    fragments: () => client.workspacePolicyFragment.listByService(...at),
    backends: () => client.workspaceBackend.listByWorkspace(...at),
    namedValues: () => client.workspaceNamedValue.listByService(...at),
    certificates: () => client.workspaceCertificate.listByWorkspace(...at),
    policy(owner) {
      switch (owner.kind) {
        case 'realm':
          return {
            tag: () => client.workspacePolicy.getEntityTag(...at, POLICY),
            read: () => client.workspacePolicy.get(...at, POLICY, RAW),
          };
        case 'api':
          return {
            tag: () => client.workspaceApiPolicy.getEntityTag(...at, owner.api, POLICY),
            read: () => client.workspaceApiPolicy.get(...at, owner.api, POLICY, RAW),
          };
        case 'operation': {
          const address = [...at, owner.api, owner.operation, POLICY] as const;
          return {
            tag: () => client.workspaceApiOperationPolicy.getEntityTag(...address),
            read: () => client.workspaceApiOperationPolicy.get(...address, RAW),
          };
        }
        case 'resolver':
          return undefined;
        case 'product':
          return {
            tag: () => client.workspaceProductPolicy.getEntityTag(...at, owner.product, POLICY),
            read: () => client.workspaceProductPolicy.get(...at, owner.product, POLICY, RAW),
          };
      }
    },
    fragment: (id) => ({
      tag: () => client.workspacePolicyFragment.getEntityTag(...at, id),
      read: () => client.workspacePolicyFragment.get(...at, id, RAW),
    }),
  };
}
