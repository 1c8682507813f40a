import {
  GROUP,
  makeFleetWorld,
  type Answer,
  type ArmWorld,
  type SecretAnswer,
} from './arm-world.ts';
import { makeTestCertificate, type TestCertificate } from './make-pfx.ts';

export const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/contoso-gw`;
export const CERTIFICATES = `${SERVICE}/certificates`;
export const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
export const VERSION = '0123456789abcdef0123456789abcdef';

/** A service with certificates and a vault that it reads, made anew for each test; and how to ask. */
export function makeCertificatesWorld() {
  let arm: ArmWorld;
  let first: TestCertificate;
  let second: TestCertificate;

  beforeAll(async () => {
    first = await makeTestCertificate('CN=gateway, O=Contoso');
    second = await makeTestCertificate('CN=gateway, O=Contoso');
  });
  beforeEach(async () => {
    arm = await makeFleetWorld();
    arm.put({ 'apiManagement.operationSeconds': 0 });
    await service({ type: 'SystemAssigned' });
    secret(SECRET, first);
  });
  afterEach(() => arm.close());

  const service = (
    identity: Record<string, unknown> | undefined,
    sku = 'Developer',
    path = SERVICE,
  ) =>
    arm.ask('PUT', path, {
      body: {
        location: 'westeurope',
        sku: { name: sku, capacity: 1 },
        properties: { publisherEmail: 'a@contoso.com', publisherName: 'Contoso' },
        ...(identity === undefined ? {} : { identity }),
      },
    });
  const secret = (identifier: string, certificate: TestCertificate): void => {
    arm.secrets.set(identifier, {
      kind: 'read',
      id: `${identifier}/${VERSION}`,
      contentType: 'application/x-pkcs12',
      value: certificate.pfx,
    });
  };
  const refuse = (
    identifier: string,
    refusal: Partial<Extract<SecretAnswer, { kind: 'refused' }>>,
  ): void => {
    arm.secrets.set(identifier, {
      kind: 'refused',
      status: 403,
      code: 'Forbidden',
      message: 'Caller is not authorized',
      ...refusal,
    });
  };
  const put = (
    name: string,
    properties: Record<string, unknown>,
    headers: Record<string, string> = {},
  ) => arm.ask('PUT', `${CERTIFICATES}/${name}`, { body: { properties }, headers });
  const attach = (
    name = 'gateway-client',
    keyVault: Record<string, unknown> = { secretIdentifier: SECRET },
  ) => put(name, { keyVault });
  const get = (name = 'gateway-client') => arm.ask('GET', `${CERTIFICATES}/${name}`);
  const refresh = (name = 'gateway-client') =>
    arm.ask('POST', `${CERTIFICATES}/${name}/refreshSecret`);
  const errorOf = (answer: Answer): unknown[] => [
    answer.status,
    answer.at('error', 'code'),
    answer.at('error', 'details', 0, 'target'),
  ];

  return {
    get arm() {
      return arm;
    },
    /** The certificate that the vault holds at first. */
    get first() {
      return first;
    },
    /** Another of the same names. */
    get second() {
      return second;
    },
    ...{ service, secret, refuse, put, attach, get, refresh, errorOf },
  };
}
