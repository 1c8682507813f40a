/**
 * Management certificates of a subscription: add, list, delete.
 * Source: Service Management REST API reference, "Add Management Certificate", "List Management
 * Certificates", "Delete Management Certificate".
 */
import { X509Certificate } from 'node:crypto';
import { child, readAsn1 } from '../certificates/der-read.ts';
import { AzureFault, type AzureResponse, type World } from '../service.ts';
import { readElements, writeDocument, writeElement } from './xml.ts';

/** "Azure subscription and service limits"; the reference says 25, earlier editions of it 10. */
const LIMIT = 100;
const COLLECTION = 'classic.certificates';

interface Stored {
  /** Base64, as are both below. */
  readonly publicKey: string;
  readonly thumbprint: string;
  readonly data: string;
  readonly created: string;
}

export interface ManagementCertificates {
  list(subscriptionId: string): AzureResponse;
  add(subscriptionId: string, document: string): AzureResponse;
  remove(subscriptionId: string, thumbprint: string): AzureResponse;
}

export function makeManagementCertificates({ store, clock }: World): ManagementCertificates {
  const keyOf = (subscriptionId: string, thumbprint = ''): string =>
    `${subscriptionId.toLowerCase()}|${thumbprint.toUpperCase()}`;

  return {
    list(subscriptionId) {
      const items = store.list<Stored>(COLLECTION, keyOf(subscriptionId));
      return xml(
        writeDocument(
          'SubscriptionCertificates',
          items
            .map(({ document: { publicKey, thumbprint, data, created } }) =>
              writeElement('SubscriptionCertificate', {
                SubscriptionCertificatePublicKey: publicKey,
                SubscriptionCertificateThumbprint: thumbprint,
                SubscriptionCertificateData: data,
                Created: created,
              }),
            )
            .join(''),
        ),
      );
    },
    add(subscriptionId, document) {
      const certificate = readCertificate(document);
      const key = keyOf(subscriptionId, certificate.thumbprint);
      // Assumed, both: status and code of a certificate that is there, and of one too many.
      if (store.get(COLLECTION, key) !== undefined) {
        throw conflict('The management certificate is in the subscription already.');
      }
      if (store.list(COLLECTION, keyOf(subscriptionId)).length >= LIMIT) {
        throw conflict(
          `The subscription has the ${LIMIT} management certificates that it may have.`,
        );
      }
      const created = clock
        .now()
        .toISOString()
        .replace(/\.\d+Z$/, 'Z');
      store.put(COLLECTION, key, { ...certificate, created } satisfies Stored);
      return { status: 200 };
    },
    remove(subscriptionId, thumbprint) {
      const key = keyOf(subscriptionId, thumbprint);
      // "If the certificate does not exist, the operation will return status code 404 (NotFound)."
      if (store.get(COLLECTION, key) === undefined) {
        throw new AzureFault(404, 'ResourceNotFound', 'The specified resource does not exist.');
      }
      store.delete(COLLECTION, key);
      return { status: 200 };
    },
  };
}

/**
 * What a request adds. Assumed: the three elements have to agree, and a file that is more than a
 * certificate is refused; the reference only says what each of them is.
 */
function readCertificate(document: string): Omit<Stored, 'created'> {
  let texts: ReadonlyMap<string, string>;
  try {
    texts = readElements(document, 'SubscriptionCertificate');
  } catch {
    throw new AzureFault(
      400,
      'InvalidXmlRequest',
      'The request body’s XML was invalid or not correctly specified.',
    );
  }
  const text = (name: string): string =>
    (texts.get(`SubscriptionCertificate${name}`) ?? '').replace(/\s/g, '');
  const bytes = Buffer.from(text('Data'), 'base64');
  const certificate = open(bytes);
  const thumbprint = certificate.fingerprint.replaceAll(':', '');
  if (text('Thumbprint').toUpperCase() !== thumbprint) {
    throw badRequest('The thumbprint is not that of the certificate.');
  }
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  // .NET's GetPublicKey gives the bits inside, without the algorithm's name; clients send either.
  const bits = child(readAsn1(spki), 1).contents.subarray(1);
  const publicKey = Buffer.from(text('PublicKey'), 'base64');
  if (!publicKey.equals(bits) && !publicKey.equals(spki)) {
    throw badRequest('The public key is not that of the certificate.');
  }
  return {
    publicKey: publicKey.toString('base64'),
    thumbprint,
    data: bytes.toString('base64'),
  };
}

function open(bytes: Buffer): X509Certificate {
  try {
    const certificate = new X509Certificate(bytes);
    if (certificate.raw.equals(bytes)) return certificate;
  } catch {
    // Said below, as for what can be read and is more than a certificate.
  }
  throw badRequest('The certificate data is not a .cer file with a public key only.');
}

function badRequest(why: string): AzureFault {
  return new AzureFault(400, 'BadRequest', `A parameter was incorrect. ${why}`);
}

function conflict(why: string): AzureFault {
  return new AzureFault(409, 'ConflictError', `A conflict occurred. ${why}`);
}

function xml(text: string): AzureResponse {
  return { status: 200, headers: { 'content-type': 'application/xml; charset=utf-8' }, text };
}
