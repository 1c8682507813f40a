/** Documents of API Management in which certificates are named, by their wire. */
import type { Wire } from './azure-wire.ts';

export type Documents = ReturnType<typeof documentsOf>;

export function documentsOf(wire: Wire, service = 'contoso-gw') {
  const root = `${wire.group}/providers/Microsoft.ApiManagement/service/${service}`;
  const put = async (path: string, properties: object): Promise<void> => {
    const address = wire.arm(`${root}/${path}`);
    const answer = await wire.send(address, 'PUT', { properties }, { 'if-match': '*' });
    if (answer.status >= 300) {
      throw new Error(`${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    }
  };
  const properties = async (path: string): Promise<Record<string, unknown>> => {
    const query = /polic(ies|yFragments)\//.test(path) ? '?format=rawxml' : '';
    const answer = await wire.send(wire.arm(`${root}/${path}${query}`));
    return (answer.body as { properties: Record<string, unknown> }).properties;
  };
  return {
    /** The resource id of what is at a path below the service. */
    idOf: (path: string) => `${root}/${path}`,
    put,
    properties,
    remove: (path: string) =>
      wire.send(wire.arm(`${root}/${path}`), 'DELETE', undefined, { 'if-match': '*' }),
    api: (name: string, prefix = '') =>
      put(`${prefix}apis/${name}`, { displayName: name, path: `${name}-${prefix.length}` }),
    policy: (path: string, text: string) => put(path, { format: 'rawxml', value: text }),
    text: async (path: string) => (await properties(path))['value'] as string,
  };
}

/** A policy that presents a certificate, with what a rewriter must leave as it is. */
export function policyThatPresents(certificate: string): string {
  return [
    '<policies>',
    '\t<inbound>',
    '\t\t<base />',
    `\t\t<!-- thumbprint="0000000000000000000000000000000000000000" & so on -->`,
    `\t\t<authentication-certificate   ${certificate} />`,
    '\t\t<set-variable name="a" value="@(context.Request.Headers.GetValueOrDefault("x", "<&>"))" />',
    '\t</inbound>',
    '\t<backend>',
    '\t\t<base />',
    '\t</backend>',
    '\t<outbound>',
    '\t\t<base />',
    '\t</outbound>',
    '\t<on-error>',
    '\t\t<base />',
    '\t</on-error>',
    '</policies>',
    '',
  ].join('\r\n');
}
