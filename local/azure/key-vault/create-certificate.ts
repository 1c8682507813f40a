/** Creating a certificate in the vault: the request, and what comes of it. */
import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { makeCertificate, makeRequest, readCertificate } from '../certificates/certificate.ts';
import { kindOf, makeKeyPair } from '../certificates/key-pair.ts';
import { errorText } from '../core/error-text.ts';
import type { AzureResponse, VaultResource } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { certificateId, showOperation } from './bundles.ts';
import type { CertificateDocument, PendingOperation, VersionDocument } from './documents.ts';
import { badParameter } from './faults.ts';
import { requireWritable, seconds } from './import-certificate.ts';
import { makeVersionId } from './new-version.ts';
import { completePolicy, policyInput, type Policy } from './policy.ts';
import {
  attributesInput,
  authorize,
  nowInSeconds,
  readBody,
  tagsInput,
  validName,
  type KeyVaultParts,
  type VaultCall,
} from './vault-call.ts';

const createBody = z.looseObject({
  policy: policyInput.nullish(),
  attributes: attributesInput,
  tags: tagsInput,
});

/** Certificates signed here begin ten minutes ago, as the service's do. */
const BACKDATE_SECONDS = 600;

/**
 * Starts making a version. The issuer `Self` finishes by itself after `keyVault.selfIssueSeconds`;
 * `Unknown` waits for the merge of a certificate that somebody else signed ("Monitor and manage
 * certificate creation"). Other issuers are resources that this vault does not have.
 */
export async function createCertificate(call: VaultCall, name: string): Promise<AzureResponse> {
  authorize(call, PERMISSIONS.createCertificate, `/certificates/${validName(name)}`);
  const body = readBody(call.request, createBody);
  const earlier = requireWritable(call, name);
  if (!body.policy && earlier === undefined) {
    throw badParameter('Property policy is required for a new certificate'); // assumed wording
  }
  const now = nowInSeconds(call.world);
  const policy = completePolicy(body.policy ?? undefined, earlier?.policy, now);
  if (policy.issuer !== 'Self' && policy.issuer !== 'Unknown') {
    throw badParameter(`The issuer '${policy.issuer}' was not found`); // assumed
  }
  const key = await keyFor(call, earlier, policy);
  const csr = writeRequest(policy, key);
  // Making the key took its time: the certificate may have changed meanwhile.
  const before = requireWritable(call, name);
  const pending: PendingOperation = {
    status: 'inProgress',
    statusDetails:
      policy.issuer === 'Unknown'
        ? 'Pending certificate created. Please Perform Merge to complete the request.'
        : 'Pending certificate created. Certificate request is in progress. This may take some time based on the issuer provider. Please check again later.',
    requestId: randomBytes(16).toString('hex'),
    issuer: policy.issuer,
    version: makeVersionId(),
    created: now,
    csr: csr.toString('base64'),
    sealedKey: call.world.seal(key.export({ type: 'pkcs8', format: 'der' })),
    cancellationRequested: false,
    tags: body.tags ?? {},
    enabled: body.attributes?.enabled ?? true,
    ...(policy.issuer === 'Self' && { dueAt: now + call.settings.selfIssueSeconds() }),
  };
  const certificate: CertificateDocument = {
    ...(before ?? { vault: call.vault.name.toLowerCase(), name }),
    policy,
    pending,
  };
  call.documents.put(certificate);
  awaitIssue(call, certificate);
  const id = certificateId(call.vault, certificate.name);
  return {
    status: 202,
    headers: {
      location: `${id}/pending?api-version=${call.request.query('api-version') ?? ''}&request_id=${pending.requestId}`,
    },
    body: showOperation(call.vault, certificate, pending),
  };
}

/** Finishes the operation by itself once it is due; the same after a restart. */
export function awaitIssue(parts: KeyVaultParts, certificate: CertificateDocument): void {
  const { pending } = certificate;
  if (pending?.status !== 'inProgress' || pending.dueAt === undefined) return;
  parts.world.clock.at(new Date(pending.dueAt * 1000), () => {
    const current = parts.documents.get(certificate.vault, certificate.name);
    if (
      current?.deleted === undefined &&
      current?.pending?.requestId === pending.requestId &&
      current.pending.status === 'inProgress'
    ) {
      issue(parts, current, current.pending);
    }
  });
}

/**
 * Writes the version that the operation was for and marks it completed.
 *
 * @param chain DER, the certificate for the operation's key first
 */
export function complete(
  parts: KeyVaultParts,
  vault: VaultResource,
  certificate: CertificateDocument,
  pending: PendingOperation,
  chain: readonly Buffer[],
  changes: Partial<Pick<VersionDocument, 'tags' | 'enabled'>> = {},
): { certificate: CertificateDocument; version: VersionDocument } {
  const { sealedKey, dueAt: _due, statusDetails: _details, ...rest } = pending;
  const [own] = chain;
  if (sealedKey === undefined || own === undefined) throw new Error('Nothing to complete');
  const facts = readCertificate(own);
  const now = nowInSeconds(parts.world);
  const version: VersionDocument = {
    version: pending.version,
    enabled: changes.enabled ?? pending.enabled,
    notBefore: seconds(facts.notBefore),
    expires: seconds(facts.notAfter),
    created: now,
    updated: now,
    tags: changes.tags ?? pending.tags,
    chain: chain.map((der) => der.toString('base64')),
    sealedKey,
    exportable: certificate.policy.exportable,
    contentType: certificate.policy.contentType,
    subject: facts.subject,
    thumbprint: facts.thumbprint.toString('base64url'),
  };
  const completed = { ...certificate, pending: { ...rest, status: 'completed' as const } };
  return { certificate: parts.newVersions.add(vault, completed, version), version };
}

/** The private key that the operation's request was made with. */
export function keyOf(parts: KeyVaultParts, pending: PendingOperation): KeyObject | undefined {
  if (pending.sealedKey === undefined) return undefined;
  const der = parts.world.unseal(pending.sealedKey);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function issue(
  parts: KeyVaultParts,
  certificate: CertificateDocument,
  pending: PendingOperation,
): void {
  const vault = parts.access.vault(certificate.vault);
  const key = keyOf(parts, pending);
  // A vault that was deleted meanwhile keeps the operation; it goes on after a restart.
  if (vault === undefined || key === undefined) return;
  const { policy } = certificate;
  const now = parts.world.clock.now();
  const notAfter = new Date(now);
  notAfter.setUTCMonth(notAfter.getUTCMonth() + policy.validityMonths);
  const der = makeCertificate(
    {
      subject: policy.subject,
      use: policy.use,
      notBefore: new Date(now.getTime() - BACKDATE_SECONDS * 1000),
      notAfter,
    },
    key,
  );
  complete(parts, vault, certificate, pending, [der]);
}

/** A new key, or the one before when the policy wants it kept and it is of the right kind. */
async function keyFor(
  call: VaultCall,
  earlier: CertificateDocument | undefined,
  policy: Policy,
): Promise<KeyObject> {
  const last = earlier === undefined ? undefined : call.documents.latest(earlier);
  if (policy.reuseKey && last !== undefined) {
    const der = call.world.unseal(last.sealedKey);
    const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
    if (JSON.stringify(kindOf(key)) === JSON.stringify(policy.key)) return key;
  }
  return (await makeKeyPair(policy.key)).privateKey;
}

function writeRequest(policy: Policy, key: KeyObject): Buffer {
  try {
    return makeRequest(policy.subject, policy.use, key);
  } catch (error) {
    throw badParameter(`Property policy.x509_props has invalid value: ${errorText(error)}`);
  }
}
