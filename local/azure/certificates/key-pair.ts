/** Key pairs as Key Vault makes them. */
import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

const generate = promisify(generateKeyPair);

/** Key Vault's names of curves (JSON Web Key, RFC 7518) to OpenSSL's. */
const CURVES: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  'P-256K': 'secp256k1',
};
const RSA_SIZES: readonly number[] = [2048, 3072, 4096];
/** Weaker than what Key Vault takes. */
const SMALL_RSA_SIZE = 1024;

export type KeyKind =
  | { readonly kty: 'RSA'; readonly keySize: number }
  | { readonly kty: 'EC'; readonly curve: string };

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export async function makeKeyPair(kind: KeyKind): Promise<KeyPair> {
  if (kind.kty === 'RSA') return generate('rsa', { modulusLength: kind.keySize });
  return generate('ec', { namedCurve: CURVES[kind.curve] ?? kind.curve });
}

/**
 * The kind of a key, or undefined when Key Vault takes no such key: RSA of 2048, 3072 or 4096
 * bits and four curves (learn.microsoft.com, "About keys", key types).
 * @param smallKeys `accept`: RSA of 1024 bits too
 */
export function kindOf(
  key: KeyObject,
  smallKeys: 'refuse' | 'accept' = 'refuse',
): KeyKind | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') {
    const keySize = details?.modulusLength ?? 0;
    const taken =
      RSA_SIZES.includes(keySize) || (smallKeys === 'accept' && keySize === SMALL_RSA_SIZE);
    return taken ? { kty: 'RSA', keySize } : undefined;
  }
  if (key.asymmetricKeyType === 'ec') {
    const curve = Object.keys(CURVES).find((name) => CURVES[name] === details?.namedCurve);
    return curve === undefined ? undefined : { kty: 'EC', curve };
  }
  return undefined;
}

/** Whether both hold the same public key. */
export function sameKey(left: KeyObject, right: KeyObject): boolean {
  return left.asymmetricKeyType === right.asymmetricKeyType && left.equals(right);
}
