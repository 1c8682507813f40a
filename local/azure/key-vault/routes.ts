/** Which operation answers which path (REST reference, Key Vault 2025-07-01). */
import { AzureFault, type AzureResponse } from '../service.ts';
import { updateCertificate, updatePolicy } from './change-certificates.ts';
import { createCertificate } from './create-certificate.ts';
import {
  deleteCertificate,
  getDeleted,
  listDeleted,
  purgeDeleted,
  recoverDeleted,
} from './deleted-certificates.ts';
import { importCertificate } from './import-certificate.ts';
import {
  cancelOperation,
  deleteOperation,
  getOperation,
  mergeCertificate,
} from './pending-operation.ts';
import { getCertificate, getPolicy, listCertificates, listVersions } from './read-certificates.ts';
import { getSecret, listSecrets, listSecretVersions } from './read-secrets.ts';
import { sign } from './sign.ts';
import type { VaultCall } from './vault-call.ts';

/** Thrown when there is no such operation: AzureFault 404 or 501. */
export async function route(call: VaultCall): Promise<AzureResponse> {
  const { method, segments } = call.request;
  const [collection, name, part, last] = segments;
  const shape = `${method} ${[collection, name && '*', ...segments.slice(2)].filter(Boolean).join('/')}`;

  if (name !== undefined && RESERVED.has(name) && collection === 'certificates') {
    throw notSimulated(`certificates/${name}`);
  }
  if (name === undefined) {
    switch (shape) {
      case 'GET certificates':
        return listCertificates(call);
      case 'GET deletedcertificates':
        return listDeleted(call);
      case 'GET secrets':
        return listSecrets(call);
      default:
        throw unknown(call);
    }
  }
  switch (shape) {
    case 'GET certificates/*':
      return getCertificate(call, name);
    case 'PATCH certificates/*':
      return updateCertificate(call, name);
    case 'DELETE certificates/*':
      return deleteCertificate(call, name);
    case 'POST certificates/*/import':
      return importCertificate(call, name);
    case 'POST certificates/*/create':
      return createCertificate(call, name);
    case 'GET certificates/*/versions':
      return listVersions(call, name);
    case 'GET certificates/*/policy':
      return getPolicy(call, name);
    case 'PATCH certificates/*/policy':
      return updatePolicy(call, name);
    case 'GET certificates/*/pending':
      return getOperation(call, name);
    case 'PATCH certificates/*/pending':
      return cancelOperation(call, name);
    case 'DELETE certificates/*/pending':
      return deleteOperation(call, name);
    case 'POST certificates/*/pending/merge':
      return mergeCertificate(call, name);
    case 'POST certificates/*/backup':
      throw notSimulated('certificate backup');
    case 'GET deletedcertificates/*':
      return getDeleted(call, name);
    case 'DELETE deletedcertificates/*':
      return purgeDeleted(call, name);
    case 'POST deletedcertificates/*/recover':
      return recoverDeleted(call, name);
    case 'GET secrets/*':
      return getSecret(call, name);
    case 'GET secrets/*/versions':
      return listSecretVersions(call, name);
    default:
  }
  if (part !== undefined && last === undefined) {
    if (collection === 'certificates' && method === 'GET') return getCertificate(call, name, part);
    if (collection === 'certificates' && method === 'PATCH') {
      return updateCertificate(call, name, part);
    }
    if (collection === 'secrets' && method === 'GET') return getSecret(call, name, part);
  }
  if (collection === 'keys' && method === 'POST' && part !== undefined && last === 'sign') {
    return sign(call, name, part);
  }
  throw unknown(call);
}

/** Paths below `certificates` that are no names. */
const RESERVED = new Set(['issuers', 'contacts', 'restore']);

function unknown(call: VaultCall): AzureFault {
  const [collection] = call.request.segments;
  if (collection === 'keys' || collection === 'secrets' || collection === 'deletedsecrets') {
    return notSimulated(`${call.request.method} on ${collection}`);
  }
  // Assumed code.
  return new AzureFault(
    404,
    'NotFound',
    `There is no operation ${call.request.method} ${call.request.path}`,
  );
}

function notSimulated(what: string): AzureFault {
  return new AzureFault(501, 'NotImplemented', `The simulated Key Vault has no ${what}.`);
}
