/** Changing what is there: attributes, tags and policy of a certificate. No event is raised. */
import { z } from 'zod';
import type { AzureResponse } from '../service.ts';
import { PERMISSIONS } from './access.ts';
import { certificateId, showCertificate } from './bundles.ts';
import { certificateNotFound } from './faults.ts';
import { completePolicy, policyInput, showPolicy } from './policy.ts';
import {
  attributesInput,
  authorize,
  findCertificate,
  nowInSeconds,
  readBody,
  tagsInput,
  validName,
  type VaultCall,
} from './vault-call.ts';

const updateBody = z.looseObject({
  attributes: attributesInput,
  tags: tagsInput,
  policy: policyInput.nullish(),
});

/** What the body leaves out stays; tags that are given replace all (REST reference). */
export function updateCertificate(call: VaultCall, name: string, version?: string): AzureResponse {
  authorize(call, PERMISSIONS.updateCertificate, `/certificates/${validName(name)}`);
  const { documents, vault, world } = call;
  const { attributes, tags, policy } = readBody(call.request, updateBody);
  const certificate = findCertificate(call, name);
  const found =
    version === undefined ? documents.latest(certificate) : documents.version(certificate, version);
  if (found === undefined) {
    throw certificateNotFound(version === undefined ? name : `${name}/${version}`);
  }
  const now = nowInSeconds(world);
  const changedVersion = {
    ...found,
    enabled: attributes?.enabled ?? found.enabled,
    notBefore: attributes?.nbf ?? found.notBefore,
    expires: attributes?.exp ?? found.expires,
    tags: tags ?? found.tags,
    updated: now,
  };
  const changed = {
    ...certificate,
    policy: policy ? completePolicy(policy, certificate.policy, now) : certificate.policy,
  };
  world.store.transaction(() => {
    documents.putVersion(changed, changedVersion);
    documents.put(changed);
  });
  return { status: 200, body: showCertificate(vault, changed, changedVersion) };
}

export function updatePolicy(call: VaultCall, name: string): AzureResponse {
  authorize(call, PERMISSIONS.updateCertificate, `/certificates/${validName(name)}`);
  const input = readBody(call.request, policyInput);
  const certificate = findCertificate(call, name);
  const policy = completePolicy(input, certificate.policy, nowInSeconds(call.world));
  call.documents.put({ ...certificate, policy });
  return {
    status: 200,
    body: showPolicy(policy, certificateId(call.vault, certificate.name)),
  };
}
