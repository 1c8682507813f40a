/** Certificate files as questions need them: made on the spot, known to nobody else. */
import { createHash, randomBytes, type KeyObject } from 'node:crypto';
import forge from 'node-forge';
import { makeCertificate } from '../../azure/certificates/certificate.ts';
import { CLIENT_AUTHENTICATION, NO_NAMES } from '../../azure/certificates/extensions.ts';
import { makeKeyPair } from '../../azure/certificates/key-pair.ts';
import type { VerifyWorld } from '../world.ts';

export interface CertificateFile {
  /** base64 PKCS#12. */
  readonly pfx: string;
  readonly password: string;
  readonly der: Buffer;
  readonly privateKey: KeyObject;
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const DAY_SECONDS = 86_400;
/** Questions are about certificates; one key, which ends with the process, does for all of them. */
let oneKey: ReturnType<typeof makeKeyPair> | undefined;

export interface CertificateWish {
  /** From now, as it is there; a year when left out. */
  readonly validForSeconds?: number;
  readonly authority?: boolean;
}

/** @param commonName carries the run's prefix, by which an administrator knows it */
export async function makeFile(
  { place }: Pick<VerifyWorld, 'place'>,
  commonName: string,
  { validForSeconds = 365 * DAY_SECONDS, authority = false }: CertificateWish = {},
): Promise<CertificateFile> {
  oneKey ??= makeKeyPair({ kty: 'RSA', keySize: 2048 });
  const { privateKey } = await oneKey;
  // Whole seconds are what a certificate can say.
  const second = Math.floor(place.now().getTime() / 1000);
  const notBefore = new Date((second - DAY_SECONDS) * 1000);
  const notAfter = new Date((second + validForSeconds) * 1000);
  const der = makeCertificate(
    {
      subject: `CN=${commonName}`,
      use: {
        names: NO_NAMES,
        extendedUsages: authority ? [] : [CLIENT_AUTHENTICATION],
        usages: authority ? ['keyCertSign', 'cRLSign'] : ['digitalSignature', 'keyEncipherment'],
      },
      ...{ notBefore, notAfter },
    },
    privateKey,
  );
  const password = randomBytes(16).toString('hex');
  return {
    ...{ pfx: toPfx(privateKey, der, password), password },
    thumbprint: createHash('sha1').update(der).digest('hex').toUpperCase(),
    ...{ der, privateKey, notBefore, notAfter },
  };
}

/** As openssl and Windows have made them for twenty years, so that no refusal is for the file's form. */
function toPfx(privateKey: KeyObject, der: Buffer, password: string): string {
  const key = forge.pki.privateKeyFromPem(
    privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  );
  const certificate = forge.pki.certificateFromAsn1(forge.asn1.fromDer(der.toString('binary')));
  const container = forge.pkcs12.toPkcs12Asn1(key, [certificate], password, {
    algorithm: '3des',
    // A password of 128 random bits needs no slowing down of guesses.
    count: 64,
  });
  return Buffer.from(forge.asn1.toDer(container).getBytes(), 'binary').toString('base64');
}
