/** Opens certificate files and keeps what API Management shows of them: never a key. */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import forge from 'node-forge';

export interface PublicCertificate {
  /** As .NET prints it: most specific part first, e.g. `CN=*.contoso.com, O=Contoso, C=US`. */
  readonly subject: string;
  /** SHA-1, upper-case hex. */
  readonly thumbprint: string;
  /** ISO 8601, whole seconds, e.g. `2037-01-01T07:00:00Z`. */
  readonly expirationDate: string;
}

export type Opened =
  | {
      readonly kind: 'opened';
      readonly certificate: PublicCertificate;
      readonly hasPrivateKey: boolean;
    }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Larger ones are refused before they are parsed; real ones have a few kilobytes. */
const SIZE_LIMIT_BYTES = 256 * 1024;

/** Opens a PKCS#12 file: the certificate that its private key belongs to, else its first. */
export function openPfx(bytes: Buffer, password: string): Opened {
  if (bytes.length === 0 || bytes.length > SIZE_LIMIT_BYTES) return unreadable('its size');
  let bags: Bags;
  try {
    const asn1 = forge.asn1.fromDer(bytes.toString('latin1'));
    bags = readBags(forge.pkcs12.pkcs12FromAsn1(asn1, false, password));
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return unreadable(
      /MAC could not be verified|password/i.test(text) ? 'its password' : 'its form',
    );
  }
  const { certificates, keys } = bags;
  for (const key of keys) {
    const owner = certificates.find((certificate) => certificate.checkPrivateKey(key));
    if (owner !== undefined) {
      return { kind: 'opened', certificate: toPublic(owner), hasPrivateKey: true };
    }
  }
  const [first] = certificates;
  return first === undefined
    ? unreadable('it holds no certificate')
    : { kind: 'opened', certificate: toPublic(first), hasPrivateKey: false };
}

/** Opens a single certificate in DER or PEM (`.cer`). */
export function openCer(bytes: Buffer): Opened {
  try {
    return {
      kind: 'opened',
      certificate: toPublic(new X509Certificate(bytes)),
      hasPrivateKey: false,
    };
  } catch {
    return unreadable('its form');
  }
}

interface Bags {
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
}

function readBags(pfx: forge.pkcs12.Pkcs12Pfx): Bags {
  const certificates: X509Certificate[] = [];
  const keys: KeyObject[] = [];
  for (const bag of pfx.safeContents.flatMap(({ safeBags }) => safeBags)) {
    switch (bag.type) {
      case forge.pki.oids['certBag']: {
        const asn1 = certificateAsn1(bag);
        if (asn1 !== undefined) certificates.push(new X509Certificate(toDer(asn1)));
        break;
      }
      case forge.pki.oids['keyBag']:
      case forge.pki.oids['pkcs8ShroudedKeyBag']: {
        const asn1 = keyAsn1(bag);
        if (asn1 !== undefined) {
          keys.push(createPrivateKey({ key: toDer(asn1), format: 'der', type: 'pkcs8' }));
        }
        break;
      }
    }
  }
  return { certificates, keys };
}

// forge reads RSA only: for other algorithms it leaves `cert` and `key` null and gives the ASN.1,
// which its types do not say.
type LooseBag = Omit<forge.pkcs12.Bag, 'cert' | 'key' | 'asn1'> & {
  cert?: forge.pki.Certificate | null | undefined;
  key?: forge.pki.PrivateKey | null | undefined;
  asn1?: forge.asn1.Asn1 | undefined;
};

function certificateAsn1(bag: LooseBag): forge.asn1.Asn1 | undefined {
  return bag.cert ? forge.pki.certificateToAsn1(bag.cert) : bag.asn1;
}

function keyAsn1(bag: LooseBag): forge.asn1.Asn1 | undefined {
  return bag.key ? forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(bag.key)) : bag.asn1;
}

function toDer(asn1: forge.asn1.Asn1): Buffer {
  return Buffer.from(forge.asn1.toDer(asn1).getBytes(), 'latin1');
}

function toPublic(certificate: X509Certificate): PublicCertificate {
  return {
    subject: certificate.subject.split('\n').reverse().join(', '),
    thumbprint: certificate.fingerprint.replaceAll(':', ''),
    expirationDate: certificate.validToDate.toISOString().replace(/\.\d+Z$/, 'Z'),
  };
}

function unreadable(reason: string): Opened {
  return { kind: 'unreadable', reason };
}
