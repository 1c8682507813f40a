/** A pipeline that signs in to Entra with a certificate, as any automation does. */
import { constants, createHash, randomUUID, sign, type KeyObject } from 'node:crypto';
import { openPkcs12 } from '../azure/certificates/pkcs12-open.ts';
import type { AzureWire } from '../seed/azure-wire.ts';
import { API, TENANT_ID, type VaultName } from '../seed/fleet.ts';

/** What it signs with. */
export interface SigningKey {
  readonly privateKey: KeyObject;
  /** The certificate in DER. */
  readonly certificate: Buffer;
}

/** The current version's key out of the vault, where a pipeline gets it. */
export async function takeKey(
  azure: AzureWire,
  vault: VaultName,
  name: string,
): Promise<SigningKey> {
  const address = `${vault}.vault.azure.net/secrets/${name}?api-version=${API.keyVaultData}`;
  const { body } = await azure.ask('GET', address);
  // A secret bundle as Key Vault documents it; the certificate is kept as PKCS#12.
  const { value } = body as { readonly value: string };
  const { keys, certificates } = await openPkcs12(Buffer.from(value, 'base64'), '');
  const [privateKey] = keys;
  const [certificate] = certificates;
  if (privateKey === undefined || certificate === undefined) {
    throw new Error(`${name} has no private key`);
  }
  return { privateKey, certificate };
}

/**
 * Asks for a token with a client assertion that is really signed.
 * @returns whether Entra gave one; throws when it refused for anything but the key
 */
export async function signIn(azure: AzureWire, appId: string, key: SigningKey): Promise<boolean> {
  const path = `${TENANT_ID}/oauth2/v2.0/token`;
  const { status, body } = await azure.ask('POST', `login.microsoftonline.com/${path}`, {
    form: {
      grant_type: 'client_credentials',
      client_id: appId,
      scope: 'https://graph.microsoft.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: makeAssertion(appId, key),
    },
    expect: [400, 401],
  });
  // An OAuth answer (RFC 6749 §5).
  const { error } = body as { readonly error?: string };
  if (status !== 200 && error !== 'invalid_client') throw new Error(`Entra says ${String(error)}`);
  return status === 200;
}

/** RFC 7523, as Microsoft documents it ("certificate credentials"): good for ten minutes. */
function makeAssertion(appId: string, { privateKey, certificate }: SigningKey): string {
  const now = Math.floor(Date.now() / 1_000);
  const thumbprint = createHash('sha256').update(certificate).digest('base64url');
  const header = { alg: 'PS256', typ: 'JWT', 'x5t#S256': thumbprint };
  const claims = {
    aud: `https://login.microsoftonline.com/${TENANT_ID}/oauth2/v2.0/token`,
    ...{ iss: appId, sub: appId, jti: randomUUID() },
    ...{ nbf: now, iat: now, exp: now + 600 },
  };
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${text}.${signature.toString('base64url')}`;
}
