import {
  TableClient,
  type TableEntity,
  type TableEntityResult,
  type TransactionAction,
} from '@azure/data-tables';
import type { TokenCredential } from '@azure/core-auth';
import { isRestError, type HttpClient } from '@azure/core-rest-pipeline';
import { assignOwnRole } from './own-rights.ts';
import { toDomainError } from './to-domain-error.ts';

/** A row: a document under a partition and a key. */
export interface Row {
  readonly partition: string;
  readonly key: string;
  readonly document: unknown;
}

/** A row that was read, with its ETag. */
export interface StoredRow extends Row {
  readonly etag: string;
}

/** What is written in one transaction with a row. */
export interface Along {
  readonly put?: readonly Row[];
  /** Keys of the same partition. */
  readonly remove?: readonly string[];
}

export type StorageSettings =
  | { readonly kind: 'connection-string'; readonly connectionString: string }
  | { readonly kind: 'identity'; readonly tableUrl: string; readonly blobUrl: string };

/** Table storage takes at most this many rows of one partition in one transaction. */
const ROWS_IN_A_TRANSACTION = 100;
/** And answers at most this many rows in one page. */
const LARGEST_PAGE = 1_000;

/**
 * One table of JSON documents. Keys hold no `/ \ # ?`, which table storage refuses (and Azurite
 * answers with 500): see {@link encodeKey}.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
export class DocumentTable {
  readonly #client: TableClient;
  #created: Promise<void> | undefined;

  constructor(
    table: string,
    storage: StorageSettings,
    credential: TokenCredential,
    httpClient: HttpClient,
  ) {
    this.#client =
      storage.kind === 'identity'
        ? new TableClient(storage.tableUrl, table, credential, { httpClient })
        : TableClient.fromConnectionString(storage.connectionString, table, {
            httpClient,
            allowInsecureConnection: isEmulator(storage.connectionString),
          });
  }

  async get(partition: string, key: string): Promise<StoredRow | undefined> {
    return await this.#run(async () => {
      try {
        return toRow(await this.#client.getEntity<Stored>(partition, key));
      } catch (error) {
        if (isRestError(error) && error.statusCode === 404) return undefined;
        throw error;
      }
    });
  }

  /**
   * Rows in partition and key order, page by page.
   * @param most given = no more than so many, and no more are asked for
   */
  async *list(filter?: string, most?: number): AsyncIterable<StoredRow> {
    await this.#run(() => Promise.resolve());
    let left = most ?? Infinity;
    if (left <= 0) return;
    try {
      const options = filter === undefined ? {} : { queryOptions: { filter } };
      const pages = this.#client
        .listEntities<Stored>(options)
        .byPage(most === undefined ? {} : { maxPageSize: Math.min(most, LARGEST_PAGE) });
      for await (const page of pages) {
        for (const entity of page) {
          yield toRow(entity);
          left -= 1;
          if (left <= 0) return;
        }
      }
    } catch (error) {
      throw storageError(error);
    }
  }

  /** Writes rows of one partition, all or nothing within each hundred. */
  async put(rows: readonly Row[]): Promise<void> {
    await this.#transact(
      rows.map((row): TransactionAction => ['upsert', toEntity(row), 'Replace']),
    );
  }

  /** Adds a row; false when there is one already. */
  async add(row: Row): Promise<boolean> {
    return await this.#unless([409], () => this.#client.createEntity(toEntity(row)));
  }

  /**
   * Replaces a row if it is still what was read; false otherwise, and then nothing is written.
   * @param along written with it in one transaction, in the same partition: fewer than a hundred;
   *   what is removed must be there
   */
  async replace(row: StoredRow, along: Along = {}): Promise<boolean> {
    const { put = [], remove = [] } = along;
    const options = { etag: row.etag };
    return await this.#unless([412], () =>
      put.length + remove.length === 0
        ? this.#client.updateEntity(toEntity(row), 'Replace', options)
        : this.#client.submitTransaction([
            ['update', toEntity(row), 'Replace', options],
            ...put.map((one): TransactionAction => ['upsert', toEntity(one), 'Replace']),
            ...remove.map((rowKey): TransactionAction => {
              return ['delete', { partitionKey: row.partition, rowKey }];
            }),
          ]),
    );
  }

  /**
   * Deletes a row; one that is gone already counts as deleted.
   * @param etag given = only if it is still what was read; otherwise it is left
   */
  async remove(partition: string, key: string, etag?: string): Promise<void> {
    const options = etag === undefined ? {} : { etag };
    await this.#unless([404, 412], () => this.#client.deleteEntity(partition, key, options));
  }

  async #unless(statuses: readonly number[], run: () => Promise<unknown>): Promise<boolean> {
    return await this.#run(async () => {
      try {
        await run();
        return true;
      } catch (error) {
        if (isRestError(error) && statuses.includes(error.statusCode ?? 0)) return false;
        throw error;
      }
    });
  }

  async #transact(actions: readonly TransactionAction[]): Promise<void> {
    for (let at = 0; at < actions.length; at += ROWS_IN_A_TRANSACTION) {
      const some = actions.slice(at, at + ROWS_IN_A_TRANSACTION);
      await this.#run(() => this.#client.submitTransaction(some));
    }
  }

  async #run<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      this.#created ??= this.#client.createTable();
      await this.#created;
      return await run();
    } catch (error) {
      // A table that could not be made is tried anew by the next call.
      this.#created = undefined;
      throw storageError(error);
    }
  }
}

/** A document's JSON, in as many properties as it takes. */
interface Stored {
  document: string;
  [more: `document${number}`]: string | undefined;
}

/** A property holds 32,768 UTF-16 units, a row 1 MiB ("Understanding the Table service data model"). */
const LONGEST_PART = 32_000;

function toEntity({ partition, key, document }: Row): TableEntity {
  const entity: TableEntity = { partitionKey: partition, rowKey: key };
  const text = JSON.stringify(document);
  let from = 0;
  for (let part = 0; part === 0 || from < text.length; part += 1) {
    // No letter of two units is torn apart.
    const torn = /[\uD800-\uDBFF]/.test(text.charAt(from + LONGEST_PART - 1));
    const to = from + LONGEST_PART - (torn ? 1 : 0);
    entity[part === 0 ? 'document' : `document${String(part)}`] = text.slice(from, to);
    from = to;
  }
  return entity;
}

function toRow(entity: TableEntityResult<Stored>): StoredRow {
  let text = entity.document;
  for (let part = 1; ; part += 1) {
    const more = entity[`document${part}`];
    if (more === undefined) break;
    text += more;
  }
  return {
    partition: entity.partitionKey ?? '',
    key: entity.rowKey ?? '',
    document: JSON.parse(text) as unknown,
    etag: entity.etag,
  };
}

function storageError(error: unknown): Error {
  return toDomainError(error, {
    resource: 'AzureWebJobsStorage',
    doing: 'use its table storage',
    grant: assignOwnRole('Storage Table Data Contributor', '{id of the storage account}'),
  });
}

function isEmulator(connectionString: string): boolean {
  return /UseDevelopmentStorage=true|TableEndpoint=http:\/\/(127\.0\.0\.1|localhost)[:/]/i.test(
    connectionString,
  );
}

/** A text as a table key: everything that table storage refuses is written as `=XX`. */
export function encodeKey(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27').replaceAll('%', '=');
}
