/**
 * Ports: who may read a vault, and giving that.
 * Adapters in `shared/azure` implement them; every method throws TerminalError
 * or TransientError and nothing else.
 */
import type { Denial, HeldRole, VaultFacts } from './access-facts.ts';
import type { GivenPermission } from './grant-plan.ts';
import type { Grant, GrantKey, ServiceLooks } from './grant.ts';
import type { ServiceObservation } from './service.ts';

/** Facts for a diagnosis. */
export interface AccessReader {
  service(name: string): Promise<ServiceObservation>;
  vault(name: string): Promise<VaultFacts>;
  /** Roles of an identity that count at the vault: assigned there or at any scope above. */
  rolesAt(vaultId: string, objectId: string): Promise<readonly HeldRole[]>;
  /** Deny assignments at the vault and above it, whomever they name. */
  denialsAt(vaultId: string): Promise<readonly Denial[]>;
}

/**
 * Gives a service what it needs to read a vault, and takes it back. Nothing here decides: each does
 * one thing, and doing it twice leaves what doing it once leaves.
 *
 * Thrown when Certkeeper itself may not: TerminalError `CERTKEEPER_PERMISSION_MISSING`.
 */
export interface AccessGiver {
  /** What a change of the service's identity must not touch; one read. */
  looks(service: string): Promise<ServiceLooks & { readonly state: string }>;
  /**
   * Sends a change of nothing but the identity. Looks right before: where any identity is there
   * meanwhile nothing is sent. Takes 15 minutes and more.
   * @returns where the change is asked about; `there` = an identity is there already
   */
  startIdentity(service: string): Promise<{ readonly operation: string } | 'there'>;
  /**
   * Asks about the change once.
   * Thrown when it failed: TerminalError.
   */
  pollIdentity(service: string, operation: string): Promise<'running' | 'done'>;
  /** The id of the role assignment that {@link assignRole} makes; follows from its arguments. */
  roleAssignmentId(vault: string, principalId: string): string;
  /** Whether a role assignment is there, whoever made it. */
  hasAssignment(vault: string, assignmentId: string): Promise<boolean>;
  /**
   * Gives a service principal the role Key Vault Certificate User at a vault.
   * @returns `existed`: it holds the role there by an assignment of another name;
   *   `unknown-principal`: the directory does not know the identity yet, ask again
   */
  assignRole(
    vault: string,
    principalId: string,
    description: string,
  ): Promise<'given' | 'existed' | 'unknown-principal'>;
  /** Deletes an assignment if it gives that role to that principal; `gone` when there is none. */
  removeRole(
    vault: string,
    assignmentId: string,
    principalId: string,
  ): Promise<'removed' | 'gone' | 'foreign'>;
  /**
   * Permissions on secrets that a principal's own policy in the vault's tenant holds, as they are
   * written; undefined = there is no such policy.
   */
  secretPermissions(vault: string, principalId: string): Promise<readonly string[] | undefined>;
  /** Adds permissions on secrets to a principal's policy; what it holds besides stays. */
  addPermissions(
    vault: string,
    principalId: string,
    tenantId: string,
    permissions: readonly GivenPermission[],
  ): Promise<void>;
  /** Takes permissions on secrets from a principal's policy; what it holds besides stays. */
  removePermissions(
    vault: string,
    principalId: string,
    tenantId: string,
    permissions: readonly GivenPermission[],
  ): Promise<void>;
}

/** What Certkeeper gave. Writes compare what was read, so that two at once cannot both begin. */
export interface Grants {
  find(key: GrantKey): Promise<StoredGrant | undefined>;
  /** False when there is one already. */
  add(grant: Grant): Promise<boolean>;
  /** False when it is no longer what was read. */
  replace(stored: StoredGrant, grant: Grant): Promise<boolean>;
  /** An intention that came to nothing; one that is no longer what was read stays. */
  remove(stored: StoredGrant): Promise<void>;
  /** Everything that was given to a service; one query. */
  ofService(service: string): Promise<readonly StoredGrant[]>;
}

/** A grant as it was read. */
export interface StoredGrant {
  readonly grant: Grant;
  readonly etag: string;
}
