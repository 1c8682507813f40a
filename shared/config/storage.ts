import type { Cloud } from './clouds.ts';

/** Where the ledger and the reports are kept. */
export type StorageSettings =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly tableUrl: string; readonly blobUrl: string };

/** The settings of storage, as the environment has them. */
export interface StorageValues {
  readonly AzureWebJobsStorage?: string | undefined;
  readonly AzureWebJobsStorage__tableServiceUri?: string | undefined;
  readonly AzureWebJobsStorage__blobServiceUri?: string | undefined;
  readonly AzureWebJobsStorage__accountName?: string | undefined;
}

/** Of a connection string and an identity, the identity counts. */
export function toStorage(values: StorageValues, cloud: Cloud): StorageSettings {
  const at = (given: string | undefined, service: 'table' | 'blob'): string | undefined =>
    given ??
    (values.AzureWebJobsStorage__accountName === undefined
      ? undefined
      : `https://${values.AzureWebJobsStorage__accountName}.${service}.${cloud.storageSuffix}`);
  const tableUrl = at(values.AzureWebJobsStorage__tableServiceUri, 'table');
  const blobUrl = at(values.AzureWebJobsStorage__blobServiceUri, 'blob');
  return tableUrl === undefined
    ? { kind: 'connection-string', connectionString: values.AzureWebJobsStorage ?? '' }
    : { kind: 'identity', tableUrl, blobUrl: blobUrl ?? '' };
}
