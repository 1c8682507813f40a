import { Readable } from 'node:stream';
import type { TokenCredential } from '@azure/core-auth';
import { isRestError } from '@azure/core-rest-pipeline';
import { BlobServiceClient, type ContainerClient } from '@azure/storage-blob';
import { assignOwnRole } from './own-rights.ts';
import type { StorageSettings } from './tables.ts';
import { toDomainError } from './to-domain-error.ts';
import { TerminalError } from '../domain/errors.ts';

/** Larger ones than are expected are none of ours, and are not read into memory. */
const LARGEST_BYTES = 4 * 1024 * 1024;
/** A stream is sent in blocks of so many bytes, two at a time: all that is held of it. */
const BLOCK = { bytes: 4 * 1024 * 1024, atOnce: 2 } as const;
/**
 * The longest that one call may take. This client takes an HTTP client of another generation than
 * all others, so it is bounded by a signal instead.
 */
const CALL_TAKES_AT_MOST_MS = 100_000;

/**
 * One container of blob storage, made when it is first used. Names may hold slashes.
 *
 * Every method throws TerminalError or TransientError and nothing else.
 */
export class BlobContainer {
  readonly #client: ContainerClient;
  #created: Promise<unknown> | undefined;

  constructor(container: string, storage: StorageSettings, credential: TokenCredential) {
    // The engine, or whoever called, tries again; one try here is one request.
    const options = { retryOptions: { maxTries: 1 } };
    const service =
      storage.kind === 'identity'
        ? new BlobServiceClient(storage.blobUrl, credential, options)
        : BlobServiceClient.fromConnectionString(storage.connectionString, options);
    this.#client = service.getContainerClient(container);
  }

  /**
   * A blob's bytes; undefined when there is none.
   * @param most how many bytes are expected at most; of a larger one nothing is read
   */
  async get(name: string, most = LARGEST_BYTES): Promise<Uint8Array | undefined> {
    return await this.#run(async () => {
      try {
        const answer = await this.#client
          .getBlockBlobClient(name)
          .download(0, undefined, bounded());
        if ((answer.contentLength ?? 0) > most) throw tooLarge(name);
        const chunks: Uint8Array[] = [];
        // In Node the body is a stream of bytes; its type leaves that open.
        for await (const chunk of answer.readableStreamBody ?? []) {
          chunks.push(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk));
        }
        return new Uint8Array(Buffer.concat(chunks));
      } catch (error) {
        if (isRestError(error) && error.statusCode === 404) return undefined;
        throw error;
      }
    });
  }

  /** Writes a blob, unless there is one of this name. @returns false when there was */
  async add(name: string, bytes: Uint8Array, contentType?: string): Promise<boolean> {
    return await this.#run(async () => {
      try {
        await this.#write(name, bytes, contentType, { ifNoneMatch: '*' });
        return true;
      } catch (error) {
        if (isRestError(error) && (error.statusCode === 409 || error.statusCode === 412)) {
          return false;
        }
        throw error;
      }
    });
  }

  /** Writes a blob in place of whatever has its name. */
  async put(name: string, bytes: Uint8Array, contentType?: string): Promise<void> {
    await this.#run(() => this.#write(name, bytes, contentType, {}));
  }

  /** Writes a blob of UTF-8 text, piece by piece, in place of whatever has its name. */
  async putText(name: string, pieces: Iterable<string>, contentType: string): Promise<void> {
    await this.#run(() =>
      this.#client
        .getBlockBlobClient(name)
        .uploadStream(Readable.from(encoded(pieces)), BLOCK.bytes, BLOCK.atOnce, {
          blobHTTPHeaders: { blobContentType: contentType },
        }),
    );
  }

  async has(name: string): Promise<boolean> {
    return await this.#run(() => this.#client.getBlockBlobClient(name).exists(bounded()));
  }

  /** Names of the blobs whose name begins so, page by page. */
  async *list(prefix: string): AsyncIterable<string> {
    await this.#run(() => Promise.resolve());
    const pages = this.#client.listBlobsFlat({ prefix }).byPage();
    for (;;) {
      const page = await this.#run(() => pages.next());
      if (page.done === true) return;
      for (const { name } of page.value.segment.blobItems) yield name;
    }
  }

  /** Deletes a blob; one that is gone already counts as deleted. */
  async remove(name: string): Promise<void> {
    await this.#run(() => this.#client.getBlockBlobClient(name).deleteIfExists(bounded()));
  }

  async #write(
    name: string,
    bytes: Uint8Array,
    contentType: string | undefined,
    conditions: { ifNoneMatch?: string },
  ): Promise<void> {
    await this.#client.getBlockBlobClient(name).upload(Buffer.from(bytes), bytes.byteLength, {
      ...bounded(),
      conditions,
      ...(contentType === undefined ? {} : { blobHTTPHeaders: { blobContentType: contentType } }),
    });
  }

  async #run<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      this.#created ??= this.#client.createIfNotExists(bounded());
      await this.#created;
      return await run();
    } catch (error) {
      // A container that could not be made is tried anew by the next call.
      this.#created = undefined;
      throw toDomainError(error, {
        resource: 'AzureWebJobsStorage',
        doing: 'use its blob storage',
        grant: assignOwnRole('Storage Blob Data Contributor', '{id of the storage account}'),
      });
    }
  }
}

/** In pieces large enough to be worth sending. */
function* encoded(pieces: Iterable<string>): Generator<Buffer> {
  let held: string[] = [];
  let length = 0;
  for (const piece of pieces) {
    held.push(piece);
    length += piece.length;
    if (length < PIECE_LENGTH) continue;
    yield Buffer.from(held.join(''));
    [held, length] = [[], 0];
  }
  if (held.length > 0) yield Buffer.from(held.join(''));
}

const PIECE_LENGTH = 256 * 1024;

function bounded(): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(CALL_TAKES_AT_MOST_MS) };
}

function tooLarge(name: string): TerminalError {
  return new TerminalError({
    code: 'AZURE_REFUSED',
    message: `The blob ${name} is larger than anything that Certkeeper writes.`,
    resource: 'AzureWebJobsStorage',
    cure: 'Look who wrote it, and delete it.',
  });
}
