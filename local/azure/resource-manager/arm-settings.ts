/**
 * How Resource Manager and API Management behave where the real ones take their time, or where no
 * source says what they do. Read and changed at `/_local/settings`.
 */
import { makeSettingKinds } from '../core/setting-kinds.ts';
import type { Settings } from '../service.ts';

export interface ArmSettings {
  /** Simulated seconds that creating, updating or deleting a service takes. */
  operationSeconds(): number;
  /** Simulated seconds until a role assignment takes effect. */
  propagationSeconds(): number;
  /** Simulated seconds for which a fresh identity is unknown to role assignments. */
  principalReplicationSeconds(): number;
  /** Simulated seconds between two readings of a versionless Key Vault reference. */
  keyVaultPollSeconds(): number;
  authorization(): 'enforced' | 'open';
  conditions(): 'met' | 'unmet';
  denyConditions(): 'met' | 'unmet';
  unreadableKeyVaultPut(): 'refuse' | 'store';
  refreshOfUploadedCertificate(): 'refuse' | 'answer';
  failedRefresh(): 'refuse' | 'answer';
  refreshAnswer(): 'fresh' | 'previous';
  updateWithoutIfMatch(): 'refuse' | 'accept';
  workspaceKeyVault(): 'refuse' | 'accept';
  changeDuringUpdate(): 'accept' | 'refuse';
  caEntryWithoutData(): 'refuse' | 'keep';
  cerInCertificateAuthority(): 'refuse' | 'accept';
  outsideValidity(): 'refuse' | 'accept';
  deleteCertificateInUse(): 'refuse' | 'accept';
  thumbprintOfKeyVaultCertificate(): 'accept' | 'refuse';
  policyWithUnknownCertificate(): 'accept' | 'refuse';
  entityUpdate(): 'now' | 'later';
  patchOfNestedProperties(): 'replace' | 'merge';
  allPoliciesIncludesWorkspaces(): 'no' | 'yes';
  allPoliciesIncludesResolvers(): 'yes' | 'no';
}

export function defineArmSettings(settings: Settings): ArmSettings {
  const { choice, seconds } = makeSettingKinds(settings);
  return {
    operationSeconds: seconds(
      'apiManagement.operationSeconds',
      1,
      'how long creating, updating or deleting a service takes (really 15 minutes and more)',
    ),
    propagationSeconds: seconds(
      'authorization.propagationSeconds',
      0,
      'how long until a role assignment takes effect (really up to 10 minutes)',
    ),
    principalReplicationSeconds: seconds(
      'authorization.principalReplicationSeconds',
      0,
      'how long a fresh identity is unknown to role assignments that give no principalType',
    ),
    keyVaultPollSeconds: seconds(
      'apiManagement.keyVaultPollSeconds',
      4 * 3600,
      'how often a service reads its versionless Key Vault references again; counts from the next poll on; 0: never',
    ),
    authorization: choice(
      'authorization.mode',
      ['enforced', 'open'],
      'whether identities need roles for Resource Manager; operators never do',
    ),
    conditions: choice(
      'authorization.conditions',
      ['met', 'unmet'],
      'whether conditions on role assignments are taken as met',
    ),
    denyConditions: choice(
      'authorization.denyConditions',
      ['met', 'unmet'],
      'whether conditions on deny assignments are taken as met',
    ),
    unreadableKeyVaultPut: choice(
      'assumptions.unreadableKeyVaultPut',
      ['refuse', 'store'],
      'PUT of a certificate whose Key Vault reference cannot be read: a 400, or stored with a failed lastStatus',
    ),
    refreshOfUploadedCertificate: choice(
      'assumptions.refreshOfUploadedCertificate',
      ['refuse', 'answer'],
      'refreshSecret of an uploaded certificate: a 400, or its present state',
    ),
    failedRefresh: choice(
      'assumptions.failedRefresh',
      ['refuse', 'answer'],
      'refreshSecret that cannot read the vault: a 400, or 200 with a failed lastStatus',
    ),
    refreshAnswer: choice(
      'assumptions.refreshAnswer',
      ['fresh', 'previous'],
      'whether the answer of refreshSecret has the new thumbprint, or only the next GET',
    ),
    updateWithoutIfMatch: choice(
      'assumptions.updateWithoutIfMatch',
      ['refuse', 'accept'],
      'PUT over something that exists without If-Match, which the reference calls required; services and workspaces do without',
    ),
    outsideValidity: choice(
      'assumptions.certificateOutsideValidity',
      ['refuse', 'accept'],
      'a certificate in Key Vault that is expired or not valid yet: not taken, or taken',
    ),
    workspaceKeyVault: choice(
      'assumptions.workspaceKeyVault',
      ['refuse', 'accept'],
      "a Key Vault reference in a workspace: a 400, or read as the service's identity",
    ),
    changeDuringUpdate: choice(
      'assumptions.changeDuringUpdate',
      ['accept', 'refuse'],
      'changes of what is in a service while it is being updated: taken, or 409 ServiceLocked',
    ),
    caEntryWithoutData: choice(
      'assumptions.caEntryWithoutData',
      ['refuse', 'keep'],
      'a CA certificate in a service update without its data, only with the thumbprint it is known by: a 400, or kept',
    ),
    cerInCertificateAuthority: choice(
      'assumptions.cerInCertificateAuthority',
      ['refuse', 'accept'],
      'a .cer for the store CertificateAuthority: a 400 that asks for a .pfx, or taken',
    ),
    deleteCertificateInUse: choice(
      'assumptions.deleteCertificateInUse',
      ['refuse', 'accept'],
      'DELETE of a certificate that backends, policies, fragments or gateways refer to by id: a 400, or deleted',
    ),
    thumbprintOfKeyVaultCertificate: choice(
      'assumptions.thumbprintOfKeyVaultCertificate',
      ['accept', 'refuse'],
      'a policy or backend that refers by thumbprint to a certificate from Key Vault: taken, or a 400 that asks for its id',
    ),
    policyWithUnknownCertificate: choice(
      'assumptions.policyWithUnknownCertificate',
      ['accept', 'refuse'],
      'a policy that refers to a certificate which is not there: taken, or a 400',
    ),
    entityUpdate: choice(
      'assumptions.entityUpdate',
      ['now', 'later'],
      'PUT of policy fragments, PUT and PATCH of named values: made at once, or 202 and made after apiManagement.operationSeconds',
    ),
    patchOfNestedProperties: choice(
      'assumptions.patchOfNestedProperties',
      ['replace', 'merge'],
      'PATCH that gives an object inside of `properties`, such as the credentials of a backend: put in the place of the old one, or merged into it',
    ),
    allPoliciesIncludesWorkspaces: choice(
      'assumptions.allPoliciesIncludesWorkspaces',
      ['no', 'yes'],
      'whether allPolicies lists the policies of workspaces',
    ),
    allPoliciesIncludesResolvers: choice(
      'assumptions.allPoliciesIncludesResolvers',
      ['yes', 'no'],
      'whether allPolicies lists the policies of GraphQL resolvers',
    ),
  };
}
