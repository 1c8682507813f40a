/** Certificates as a company gathers them over the years: of any age, by any issuer, with any key. */
import type { KeyObject } from 'node:crypto';
import { makeCertificate } from '../../azure/certificates/certificate.ts';
import { CLIENT_AUTHENTICATION, NO_NAMES } from '../../azure/certificates/extensions.ts';
import { makeKeyPair } from '../../azure/certificates/key-pair.ts';
import { writePkcs12 } from '../../azure/certificates/pkcs12-write.ts';
import type { Authority } from '../authority.ts';
import { commonName } from '../fleet.ts';

/** What is unlike the usual: a client certificate that signed itself and is valid for long. */
export interface Unlike {
  /** Days from now until it ends; less than none for one that has ended. Months away unless told. */
  readonly endsIn?: number;
  /** Days from now until it begins. 90 days ago unless told. */
  readonly beginsIn?: number;
  /** The subject's common name, where it is not that of the certificate. */
  readonly subject?: string;
  readonly issuer?: Authority;
  readonly key?: KeyObject;
  readonly signedWith?: 'SHA-1';
}

export interface Issued {
  /** base64 PKCS#12 without a password. */
  readonly pfx: string;
  readonly der: Buffer;
}

const DAY_MS = 86_400_000;

/** @param now the present, which may lie after the time at which it is put into its vault */
export async function issue(name: string, now: Date, unlike: Unlike = {}): Promise<Issued> {
  const { endsIn = monthsAway(name), beginsIn = -90, subject = name, issuer, signedWith } = unlike;
  const key =
    unlike.key ??
    (
      await makeKeyPair(
        signedWith === undefined ? { kty: 'EC', curve: 'P-256' } : { kty: 'RSA', keySize: 2048 },
      )
    ).privateKey;
  const day = (days: number) => new Date(now.getTime() + days * DAY_MS);
  const der = makeCertificate(
    {
      subject: `CN=${commonName(subject)}`,
      use: {
        names: { ...NO_NAMES, dnsNames: [commonName(subject)] },
        extendedUsages: [CLIENT_AUTHENTICATION],
        usages: ['digitalSignature'],
      },
      ...{ notBefore: day(beginsIn), notAfter: day(endsIn) },
      ...(signedWith === undefined ? {} : { signedWith }),
    },
    key,
    issuer === undefined ? undefined : { certificate: issuer.der, privateKey: issuer.privateKey },
  );
  return { pfx: writePkcs12(key, [der]).toString('base64'), der };
}

/** Whoever made them did not make all of them on one day: 70 to 310 days, and the same for a name. */
function monthsAway(name: string): number {
  const sum = [...Buffer.from(name)].reduce((total, byte) => total + byte, 0);
  return 70 + (sum % 9) * 30;
}
