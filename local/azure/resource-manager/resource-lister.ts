/** What a provider offers to the generic list of resources. */
export interface ResourceLister {
  /** For example `Microsoft.KeyVault/vaults`. */
  readonly type: string;
  list(): {
    readonly id: string;
    readonly name: string;
    readonly location: string;
    readonly tags: Readonly<Record<string, string>>;
  }[];
}
