/** The operation that makes a version: read, cancel, delete, merge. */
import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { readCertificate } from '../certificates/certificate.ts';
import { sameKey } from '../certificates/key-pair.ts';
import { AzureFault, type AzureResponse } from '../service.ts';
import { PERMISSIONS, type Permission } from './access.ts';
import { certificateId, showCertificate, showOperation } from './bundles.ts';
import { complete, keyOf } from './create-certificate.ts';
import type { CertificateDocument, PendingOperation } from './documents.ts';
import { badParameter, pendingNotFound } from './faults.ts';
import { keyMismatch } from './import-certificate.ts';
import {
  attributesInput,
  authorize,
  readBody,
  tagsInput,
  validName,
  type VaultCall,
} from './vault-call.ts';

const cancelBody = z.looseObject({ cancellation_requested: z.boolean() });
const mergeBody = z.looseObject({
  x5c: z.array(z.string().min(1)).min(1),
  attributes: attributesInput,
  tags: tagsInput,
});

export function getOperation(call: VaultCall, name: string): AzureResponse {
  const { certificate, pending } = findPending(call, name, PERMISSIONS.getCertificate);
  return { status: 200, body: showOperation(call.vault, certificate, pending) };
}

/**
 * Asks for the cancellation. The answer still says inProgress, as documented; the operation is
 * cancelled when it is read again (assumed: how long it takes is not documented).
 */
export function cancelOperation(call: VaultCall, name: string): AzureResponse {
  const { certificate, pending } = findPending(call, name, PERMISSIONS.updateCertificate);
  const body = readBody(call.request, cancelBody);
  if (pending.status !== 'inProgress') {
    // The page says 400; the service answers this (azure-sdk-for-js#25758).
    throw new AzureFault(403, 'Forbidden', 'Pending status must be in progress to allow update.');
  }
  const asked = { ...pending, cancellationRequested: body.cancellation_requested };
  const { dueAt: _, ...idle } = asked;
  call.documents.put({
    ...certificate,
    pending: body.cancellation_requested ? { ...idle, status: 'cancelled' } : asked,
  });
  return { status: 200, body: showOperation(call.vault, certificate, asked) };
}

/** Answers the operation as it was. A certificate that has no version yet goes with it. */
export function deleteOperation(call: VaultCall, name: string): AzureResponse {
  const { certificate, pending } = findPending(call, name, PERMISSIONS.updateCertificate);
  const { pending: _, ...rest } = certificate;
  if (certificate.latest === undefined) call.documents.remove(certificate);
  else call.documents.put(rest);
  return { status: 200, body: showOperation(call.vault, certificate, pending) };
}

/** Takes the certificate that somebody signed for the operation's request. */
export function mergeCertificate(call: VaultCall, name: string): AzureResponse {
  const { certificate, pending } = findPending(call, name, PERMISSIONS.createCertificate);
  const body = readBody(call.request, mergeBody);
  if (pending.issuer !== 'Unknown' && pending.status === 'inProgress') {
    throw new AzureFault(
      403,
      'Forbidden',
      `Merge is forbidden on pending object created with issuer : ${pending.issuer} while it is in progess.`,
    );
  }
  const key = keyOf(call, pending);
  if (key === undefined) throw badParameter('The pending certificate is completed already.'); // assumed
  const publicKey = createPublicKey(key);
  const read = body.x5c.map(readOne);
  const own = read.find(({ facts }) => sameKey(facts.publicKey, publicKey));
  if (own === undefined) throw keyMismatch();
  const others = read.filter((each) => each !== own);
  const merged = complete(
    call,
    call.vault,
    certificate,
    pending,
    [own, ...others].map(({ der }) => der),
    {
      ...(body.tags && { tags: body.tags }),
      ...(body.attributes?.enabled != null && { enabled: body.attributes.enabled }),
    },
  );
  return {
    status: 201,
    headers: {
      location: `${certificateId(call.vault, certificate.name)}?api-version=${call.request.query('api-version') ?? ''}`,
    },
    body: showCertificate(call.vault, merged.certificate, merged.version),
  };
}

function readOne(text: string) {
  const der = Buffer.from(text, 'base64');
  try {
    return { der, facts: readCertificate(der) };
  } catch {
    throw badParameter('Property x5c has invalid value: it is not an X.509 certificate'); // assumed
  }
}

/** `request_id` in the query works like a filter: another one is not found (documented). */
function findPending(
  call: VaultCall,
  name: string,
  permission: Permission,
): { certificate: CertificateDocument; pending: PendingOperation } {
  authorize(call, permission, `/certificates/${validName(name)}`);
  const certificate = call.documents.get(call.vault.name.toLowerCase(), name);
  const pending = certificate?.deleted === undefined ? certificate?.pending : undefined;
  const asked = call.request.query('request_id');
  if (
    certificate === undefined ||
    pending === undefined ||
    (asked !== undefined && asked !== pending.requestId)
  ) {
    throw pendingNotFound(name);
  }
  return { certificate, pending };
}
