/** What the storage process tells the process that started it. */

/** The services of a storage account, in the order of their ports. */
export type StorageService = 'blob' | 'queue' | 'table';

export type StorageMessage =
  | { readonly kind: 'ready'; readonly ports: Readonly<Record<StorageService, number>> }
  | {
      readonly kind: 'failed';
      readonly service: StorageService;
      /** Node's error code, e.g. `EADDRINUSE`. */
      readonly code: string | undefined;
      readonly message: string;
    };
