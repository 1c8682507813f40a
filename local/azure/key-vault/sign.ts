/** Signing with the keys behind certificates: "a certificate is addressed as a key and as a secret too". */
import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { vaultUrl } from './bundles.ts';
import { badParameter, keyDisabled, keyForbids, keyNotFound, keyOutOfTime } from './faults.ts';
import { DIGEST_BYTES, RSA_ALGORITHMS, signDigest } from './sign-digest.ts';
import { authorize, nowInSeconds, readBody, validName, type VaultCall } from './vault-call.ts';

const input = z.looseObject({ alg: z.string(), value: z.base64url() });

/**
 * Usages of a certificate with which its key signs: "Key usage flags and key operations" ("About
 * Azure Key Vault certificates"). Assumed: those of the policy as it is now.
 */
const SIGNING = ['digitalSignature', 'keyCertSign', 'nonRepudiation', 'cRLSign'];

/**
 * Signs a digest; an exportable key or not ("sign", REST reference). Outside nbf and exp a key only
 * decrypts and verifies ("About keys", date-time controlled operations).
 *
 * Thrown when there is no such key: AzureFault 404; when it may not sign: AzureFault 403.
 */
export function sign(call: VaultCall, name: string, version: string): AzureResponse {
  authorize(call, PERMISSIONS.sign, `/keys/${validName(name)}`);
  const { documents, request, vault, world } = call;
  const certificate = documents.get(vault.name.toLowerCase(), name);
  if (certificate?.deleted !== undefined || certificate === undefined) throw keyNotFound(name);
  const found = documents.version(certificate, version);
  if (found === undefined) throw keyNotFound(`${name}/${version}`);
  if (!found.enabled) throw keyDisabled();
  const now = nowInSeconds(world);
  if (now < found.notBefore || now >= found.expires) throw keyOutOfTime();
  if (!certificate.policy.use.usages.some((usage) => SIGNING.includes(usage))) throw keyForbids();
  const { alg, value } = readBody(request, input);
  const digest = Buffer.from(value, 'base64url');
  const key = createPrivateKey({
    key: world.unseal(found.sealedKey),
    format: 'der',
    type: 'pkcs8',
  });
  const hashName = RSA_ALGORITHMS[alg];
  // Elliptic keys are not simulated here: no application signs in with one.
  if (hashName === undefined || key.asymmetricKeyType !== 'rsa') {
    throw badParameter(`Key and signing algorithm are incompatible: ${alg}`);
  }
  if (digest.length !== DIGEST_BYTES[hashName]) {
    throw badParameter('Invalid length of value to be signed');
  }
  const body = {
    kid: `${vaultUrl(vault)}/keys/${certificate.name}/${found.version}`,
    value: signDigest(alg, digest, key).toString('base64url'),
  };
  return { status: 200, body };
}
