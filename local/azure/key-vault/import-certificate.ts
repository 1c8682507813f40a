/** Importing a certificate with its private key, as PKCS#12 or PEM. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { readCertificate, type CertificateFacts } from '../certificates/certificate.ts';
import { kindOf, sameKey, type KeyKind } from '../certificates/key-pair.ts';
import { openPem } from '../certificates/pem.ts';
import { openPkcs12, WrongPasswordError } from '../certificates/pkcs12-open.ts';
import { AzureFault, type AzureResponse } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { showCertificate } from './bundles.ts';
import type { CertificateDocument, VersionDocument } from './documents.ts';
import { badParameter, deletedButRecoverable, pendingInProgress } from './faults.ts';
import { isDeleted } from './deleted-certificates.ts';
import { makeVersionId } from './new-version.ts';
import { PEM, PKCS12, policyInput, policyOfImport } from './policy.ts';
import {
  attributesInput,
  authorize,
  nowInSeconds,
  readBody,
  tagsInput,
  validName,
  type VaultCall,
} from './vault-call.ts';

const importBody = z.looseObject({
  value: z.string().min(1),
  pwd: z.string().nullish(),
  policy: policyInput.nullish(),
  attributes: attributesInput,
  tags: tagsInput,
  preserveCertOrder: z.boolean().nullish(),
});

/**
 * Imports a new version. The content type of the policy says how `value` is read: PKCS#12 in
 * base64 unless it is `application/x-pem-file`. Tags belong to the version: without any in the
 * request it has none (azurerm#28004).
 */
export async function importCertificate(call: VaultCall, name: string): Promise<AzureResponse> {
  authorize(call, PERMISSIONS.importCertificate, `/certificates/${validName(name)}`);
  const body = readBody(call.request, importBody);
  requireWritable(call, name);
  const contentType = body.policy?.secret_props?.contentType ?? PKCS12;
  const opened =
    contentType === PEM ? readPem(body.value) : await readPkcs12(body.value, body.pwd ?? '');
  const kind = requireKind(opened.key, call.settings.smallKeys());
  const now = nowInSeconds(call.world);
  if (opened.facts.notAfter.getTime() <= now * 1000) {
    // "Expired PFX certificates can't be imported" (Key Vault certificates FAQ); assumed wording.
    throw badParameter('The specified X.509 certificate has expired.');
  }
  // Reading took its time: the certificate may have changed meanwhile.
  const before = requireWritable(call, name);
  const policy = policyOfImport(
    opened.facts,
    kind,
    body.policy ?? undefined,
    before?.policy,
    contentType,
    now,
  );
  const version: VersionDocument = {
    version: makeVersionId(),
    enabled: body.attributes?.enabled ?? true,
    notBefore: body.attributes?.nbf ?? seconds(opened.facts.notBefore),
    expires: body.attributes?.exp ?? seconds(opened.facts.notAfter),
    created: now,
    updated: now,
    tags: body.tags ?? {},
    chain: opened.chain.map((der) => der.toString('base64')),
    sealedKey: call.world.seal(opened.key.export({ type: 'pkcs8', format: 'der' })),
    exportable: policy.exportable,
    contentType: policy.contentType,
    subject: opened.facts.subject,
    thumbprint: opened.facts.thumbprint.toString('base64url'),
    ...(body.preserveCertOrder != null && { preserveOrder: body.preserveCertOrder }),
  };
  const certificate: CertificateDocument = {
    ...(before ?? { vault: call.vault.name.toLowerCase(), name }),
    policy,
  };
  const written = call.newVersions.add(call.vault, certificate, version);
  return { status: 200, body: showCertificate(call.vault, written, version) };
}

/**
 * The certificate under this name, if there is one, when a new version may be made of it.
 *
 * Thrown while it is deleted, or while a version is being made: AzureFault 409.
 */
export function requireWritable(call: VaultCall, name: string): CertificateDocument | undefined {
  const found = call.documents.get(call.vault.name.toLowerCase(), name);
  if (found === undefined) return undefined;
  if (found.deleted !== undefined) {
    if (isDeleted(call, found)) throw deletedButRecoverable(found.name);
    return undefined;
  }
  if (found.pending?.status === 'inProgress') throw pendingInProgress();
  return found;
}

interface Opened {
  readonly key: KeyObject;
  readonly facts: CertificateFacts;
  /** DER, the key's certificate first. */
  readonly chain: readonly Buffer[];
}

async function readPkcs12(value: string, password: string): Promise<Opened> {
  const bytes = Buffer.from(value, 'base64');
  try {
    const { keys, certificates } = await openPkcs12(bytes, password);
    return pair(keys, certificates, PKCS12);
  } catch (error) {
    if (error instanceof WrongPasswordError) {
      // Assumed wording; the code is the one of every unreadable import.
      throw badParameter(
        'The specified PKCS#12 X.509 certificate content can not be read. The specified password is not correct.',
      );
    }
    if (error instanceof AzureFault) throw error;
    // AspNetCoreCertificates#38.
    throw badParameter(
      'The specified PKCS#12 X.509 certificate content can not be read. Please check if certificate is in valid PKCS#12 format.',
    );
  }
}

function readPem(value: string): Opened {
  try {
    const { keys, certificates } = openPem(value);
    return pair(keys, certificates, PEM);
  } catch (error) {
    if (error instanceof AzureFault) throw error;
    throw badParameter(
      'The specified PEM X.509 certificate content is in an unexpected format. Please check if certificate is in valid PEM format.',
    );
  }
}

/** Finds the key's own certificate; the others follow in the order in which they came. */
function pair(
  keys: readonly KeyObject[],
  certificates: readonly Buffer[],
  contentType: string,
): Opened {
  const format = contentType === PEM ? 'PEM' : 'PKCS#12';
  const [key] = keys;
  if (key === undefined) {
    throw badParameter(
      `Private key is not specified in the specified X.509 ${format} certificate content. Please specify private key in the X.509 ${format} certificate content.`,
    );
  }
  const publicKey = createPublicKey(key);
  const read = certificates.map((der) => ({ der, facts: readCertificate(der) }));
  const own = read.find(({ facts }) => sameKey(facts.publicKey, publicKey));
  if (own === undefined) throw keyMismatch();
  const others = read.filter((each) => each !== own).map(({ der }) => der);
  return { key, facts: own.facts, chain: [own.der, ...others] };
}

function requireKind(key: KeyObject, smallKeys: 'refuse' | 'accept'): KeyKind {
  const kind = kindOf(createPublicKey(key), smallKeys);
  if (kind !== undefined) return kind;
  // The kinds are documented ("About keys"); assumed wording.
  throw badParameter(
    'The specified X.509 certificate key is not supported: RSA of 2048, 3072 or 4096 bits, or EC on P-256, P-384, P-521 or P-256K.',
  );
}

/** terraform-provider-azurerm's issues quote it for import and for merge. */
export function keyMismatch(): Error {
  return badParameter(
    'Public key of the end-entity certificate in the specified X.509 certificate content does not match the public part of the specified private key. Please check if certificate is valid.',
  );
}

export function seconds(moment: Date): number {
  return Math.floor(moment.getTime() / 1000);
}
