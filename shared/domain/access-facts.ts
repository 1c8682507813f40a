/** What Resource Manager says about who may read a vault, as facts without judgement. */

/** A vault as Resource Manager reports it. */
export interface VaultFacts {
  readonly id: string;
  readonly name: string;
  readonly rbac: boolean;
  readonly tenantId: string;
  readonly policies: readonly { readonly objectId: string; readonly secrets: readonly string[] }[];
  readonly publicAccess: boolean;
  /** Whether the firewall lets in only what its rules name. */
  readonly firewall: boolean;
  /** `networkAcls.bypass = AzureServices`. */
  readonly trustedServices: boolean;
  /** Whether any address or network rule exists: the service may stand behind one of them. */
  readonly hasRules: boolean;
}

/** A role held by an identity at the vault or above it. */
export interface HeldRole {
  readonly roleId: string;
  readonly roleName: string;
  readonly scope: string;
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
  readonly condition?: string;
}
