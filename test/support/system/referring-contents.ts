/** One of everything that can refer to a certificate, in a service and in its workspace. */
import {
  authenticationCertificate,
  policyWith,
  putApi,
  putBackend,
  putFragment,
  putGateway,
  putNamedValue,
  putPolicy,
  putProduct,
  putResolver,
  type Asking,
} from '../azure/seed-contents.ts';

/**
 * @param at id of the service or workspace
 * @param thumbprint of a certificate there, by which all of it refers
 */
export async function putReferringContents(
  azure: Asking,
  at: string,
  thumbprint: string,
): Promise<void> {
  const presents = authenticationCertificate({ thumbprint });
  const api = await putApi(azure, at, 'orders', ['get']);
  const product = await putProduct(azure, at, 'starter');
  await putNamedValue(azure, at, 'client-thumbprint', thumbprint);
  await putBackend(azure, at, 'billing', { certificate: [thumbprint] });
  await putFragment(azure, at, 'present', presents);
  for (const scope of [at, api, `${api}/operations/get`, product]) {
    await putPolicy(azure, scope, policyWith(presents));
  }
  const through = authenticationCertificate({ thumbprint: '{{client-thumbprint}}' });
  await putPolicy(azure, await putApi(azure, at, 'partners'), policyWith(through));
}

/** What a workspace cannot hold: a resolver that presents a certificate, and a gateway. */
export async function putServiceContents(
  azure: Asking,
  service: string,
  thumbprint: string,
): Promise<void> {
  const presents = authenticationCertificate({ thumbprint });
  await putPolicy(
    azure,
    await putResolver(azure, service, 'graph'),
    `<http-data-source><http-request><set-method>GET</set-method><set-url>https://contoso.com</set-url>${presents}</http-request></http-data-source>`,
  );
  const certificate = 'gateway-client';
  await putGateway(azure, service, 'hall', { hostname: certificate, authority: certificate });
}
