/** Where a cloud's services live. */
export interface Cloud {
  readonly vaultSuffix: string;
  readonly managementUrl: string;
  readonly managementScope: string;
  readonly storageSuffix: string;
  readonly graphUrl: string;
  readonly loginUrl: string;
  /** Of the classic Service Management API. */
  readonly classicUrl: string;
}

/** The clouds by the names that the Azure CLI has for them. */
export const CLOUDS = {
  AzureCloud: {
    vaultSuffix: 'vault.azure.net',
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
    storageSuffix: 'core.windows.net',
    graphUrl: 'https://graph.microsoft.com',
    loginUrl: 'https://login.microsoftonline.com',
    classicUrl: 'https://management.core.windows.net',
  },
  AzureUSGovernment: {
    vaultSuffix: 'vault.usgovcloudapi.net',
    managementUrl: 'https://management.usgovcloudapi.net',
    managementScope: 'https://management.usgovcloudapi.net/.default',
    storageSuffix: 'core.usgovcloudapi.net',
    graphUrl: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    classicUrl: 'https://management.core.usgovcloudapi.net',
  },
  AzureChinaCloud: {
    vaultSuffix: 'vault.azure.cn',
    managementUrl: 'https://management.chinacloudapi.cn',
    managementScope: 'https://management.chinacloudapi.cn/.default',
    storageSuffix: 'core.chinacloudapi.cn',
    graphUrl: 'https://microsoftgraph.chinacloudapi.cn',
    loginUrl: 'https://login.partner.microsoftonline.cn',
    classicUrl: 'https://management.core.chinacloudapi.cn',
  },
} as const satisfies Record<string, Cloud>;
