/**
 * Puts what a service or a workspace can hold besides certificates: APIs, policies, fragments, named
 * values, backends, gateways. Everything goes over the wire, as an operator, and replaces what is there.
 */

/** Whoever can send to Resource Manager: `AzureUnderTest`, or a world without a server. */
export interface Asking {
  ask(
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
}

type Json = Readonly<Record<string, unknown>>;

const VERSION = '?api-version=2024-05-01';

/** A policy document with these elements in its inbound section. */
export function policyWith(inbound: string): string {
  return [
    '<policies>',
    `  <inbound><base />${inbound}</inbound>`,
    '  <backend><base /></backend>',
    '  <outbound><base /></outbound>',
    '  <on-error><base /></on-error>',
    '</policies>',
  ].join('\n');
}

/** What a scope's document needs at the least: a resolver's is a data source. */
export function plainPolicy(scope: string): string {
  return scope.includes('/resolvers/')
    ? '<http-data-source><http-request><set-method>GET</set-method></http-request></http-data-source>'
    : policyWith('');
}

/** `<authentication-certificate …/>` by id or by thumbprint; the value may be an expression. */
export function authenticationCertificate(
  by: { readonly id: string } | { readonly thumbprint: string },
): string {
  return 'id' in by
    ? `<authentication-certificate certificate-id="${by.id}" />`
    : `<authentication-certificate thumbprint="${by.thumbprint}" />`;
}

/**
 * Puts an entity at its resource id, whatever is there. Thrown when it is refused: what Azure said.
 * @returns the answer's body
 */
export async function putAt(azure: Asking, id: string, properties: Json): Promise<Json> {
  const answer = await azure.ask('PUT', `${id}${VERSION}`, { properties }, { 'if-match': '*' });
  if (answer.status >= 300) throw new Error(`PUT ${id}: ${JSON.stringify(answer.body)}`);
  return typeof answer.body === 'object' && answer.body !== null ? { ...answer.body } : {};
}

/** An API with operations. @param at id of the service or workspace; the answer is the API's id */
export async function putApi(
  azure: Asking,
  at: string,
  name: string,
  operations: readonly string[] = [],
  more: Json = {},
): Promise<string> {
  const id = `${at}/apis/${name}`;
  const path = name.replace(';rev=', '-');
  await putAt(azure, id, { displayName: name, path, protocols: ['https'], ...more });
  for (const operation of operations) {
    await putAt(azure, `${id}/operations/${operation}`, {
      displayName: operation,
      method: 'GET',
      urlTemplate: `/${operation}`,
    });
  }
  return id;
}

/** A GraphQL API with a resolver. @returns the resolver's id */
export async function putResolver(azure: Asking, service: string, api: string): Promise<string> {
  const id = await putApi(azure, service, api, [], { type: 'graphql' });
  await putAt(azure, `${id}/resolvers/users`, { displayName: 'Users', path: 'Query/users' });
  return `${id}/resolvers/users`;
}

export async function putProduct(azure: Asking, at: string, name: string): Promise<string> {
  await putAt(azure, `${at}/products/${name}`, { displayName: name });
  return `${at}/products/${name}`;
}

/**
 * The policy of a scope: a service, workspace, API, operation, resolver or product.
 * @returns the policy's id
 */
export async function putPolicy(
  azure: Asking,
  scope: string,
  value: string,
  format: 'rawxml' | 'xml' = 'rawxml',
): Promise<string> {
  const id = `${scope}/policies/policy`;
  await putAt(azure, id, { value, format });
  return id;
}

/** @param content elements, without the root */
export async function putFragment(
  azure: Asking,
  at: string,
  name: string,
  content: string,
): Promise<string> {
  const id = `${at}/policyFragments/${name}`;
  await putAt(azure, id, { value: `<fragment>${content}</fragment>`, format: 'rawxml' });
  return id;
}

export async function putNamedValue(
  azure: Asking,
  at: string,
  name: string,
  value: string,
  secret = false,
): Promise<string> {
  await putAt(azure, `${at}/namedValues/${name}`, { displayName: name, value, secret });
  return `${at}/namedValues/${name}`;
}

export async function putBackend(
  azure: Asking,
  at: string,
  name: string,
  credentials: Json = {},
): Promise<string> {
  const url = `https://${name}.contoso.com`;
  await putAt(azure, `${at}/backends/${name}`, { url, protocol: 'http', credentials });
  return `${at}/backends/${name}`;
}

/** A self-hosted gateway that serves a host name with a certificate and trusts one, both by name. */
export async function putGateway(
  azure: Asking,
  service: string,
  name: string,
  certificates: { readonly hostname?: string; readonly authority?: string } = {},
): Promise<string> {
  const id = `${service}/gateways/${name}`;
  const { hostname, authority } = certificates;
  await putAt(azure, id, { locationData: { name: 'Hall 1' } });
  if (hostname !== undefined) {
    await putAt(azure, `${id}/hostnameConfigurations/default`, {
      hostname: '*',
      certificateId: `${service}/certificates/${hostname}`,
    });
  }
  if (authority !== undefined) {
    await putAt(azure, `${id}/certificateAuthorities/${authority}`, { isTrusted: false });
  }
  return id;
}

/** Reads the policy of a scope, or a fragment, as it was put: `rawxml`. */
export async function readRawXml(azure: Asking, id: string): Promise<string | undefined> {
  const answer = await azure.ask('GET', `${id}${VERSION}&format=rawxml`);
  if (answer.status === 404) return undefined;
  const properties: unknown =
    typeof answer.body === 'object' && answer.body !== null
      ? Reflect.get(answer.body, 'properties')
      : undefined;
  return typeof properties === 'object' && properties !== null
    ? String(Reflect.get(properties, 'value'))
    : undefined;
}
