/**
 * How Resource Manager and API Management behave where the real ones take their time, or where no
 * source says what they do. Read and changed at `/_local/settings`.
 */
import { z } from 'zod';
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
  outsideValidity(): 'refuse' | 'accept';
}

export function defineArmSettings(settings: Settings): ArmSettings {
  const seconds = (name: string, standard: number, about: string): (() => number) =>
    settings.define(name, {
      default: standard,
      about,
      parse: (value) => parse(z.number().min(0).max(604_800), value),
    });
  const choice = <T extends string>(
    name: string,
    options: readonly [T, ...T[]],
    about: string,
  ): (() => T) =>
    settings.define<T>(name, {
      default: options[0],
      about: `${about} (${options.join(' | ')})`,
      parse: (value) => parse(z.enum(options), value),
    });

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
      'PUT over an existing certificate without If-Match, which the reference calls required',
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
      'changes of certificates while their service is being updated: taken, or 409 ServiceLocked',
    ),
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(parsed.error.issues[0]?.message ?? 'not acceptable');
}
