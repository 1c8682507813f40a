import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { TokenCredential } from '@azure/core-auth';
import { isRestError } from '@azure/core-rest-pipeline';
import {
  BlobServiceClient,
  type BlobDownloadResponseParsed,
  type ContainerClient,
} from '@azure/storage-blob';
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
/** The same of a blob that is written or read in pieces, for as long as whoever makes or reads them takes. */
const STREAM_TAKES_AT_MOST_MS = 600_000;

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
      const answer = await this.#download(name, bounded());
      if (answer === undefined) return undefined;
      const length = answer.contentLength ?? 0;
      if (length > most) throw tooLarge(name);
      // Held once: large ones are half a gigabyte.
      const bytes = new Uint8Array(length);
      let end = 0;
      for await (const chunk of piecesOf(answer)) {
        bytes.set(chunk, end);
        end += chunk.byteLength;
      }
      return bytes;
    });
  }

  /**
   * A blob's bytes as they come, to be read at once; undefined when there is none. Who reads no
   * further has the rest left where it is.
   */
  async open(name: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return await this.#run(async () => {
      const answer = await this.#download(name, bounded(STREAM_TAKES_AT_MOST_MS));
      return answer === undefined ? undefined : this.#watch(piecesOf(answer));
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
    await wholeTurn();
    await this.#writeStream(name, Readable.from(encoded(pieces)), contentType);
  }

  /** The same of bytes that come from somewhere else, and of which no more than a few are held. */
  async putPieces(
    name: string,
    pieces: AsyncIterable<Uint8Array>,
    contentType: string,
  ): Promise<void> {
    await this.#writeStream(name, Readable.from(pieces), contentType);
  }

  async has(name: string): Promise<boolean> {
    return await this.#run(() => this.#client.getBlockBlobClient(name).exists(bounded()));
  }

  /** Names of the blobs whose name begins so, page by page. */
  async *list(prefix: string): AsyncIterable<string> {
    let from: string | undefined;
    do {
      const page = await this.#run(() => this.#page(prefix, from));
      yield* page.names;
      from = page.next;
    } while (from !== undefined);
  }

  /** Deletes a blob; one that is gone already counts as deleted. */
  async remove(name: string): Promise<void> {
    await this.#run(() => this.#client.getBlockBlobClient(name).deleteIfExists(bounded()));
  }

  /** Undefined when there is none. */
  async #download(
    name: string,
    bound: ReturnType<typeof bounded>,
  ): Promise<BlobDownloadResponseParsed | undefined> {
    try {
      return await this.#client.getBlockBlobClient(name).download(0, undefined, bound);
    } catch (error) {
      if (isRestError(error) && error.statusCode === 404) return undefined;
      throw error;
    }
  }

  /** A signal bounds all that is asked with it: each page is asked for by itself. */
  async #page(prefix: string, from: string | undefined) {
    const pages = this.#client
      .listBlobsFlat({ prefix, ...bounded() })
      .byPage(from === undefined ? {} : { continuationToken: from });
    for await (const { segment, continuationToken } of pages) {
      const names = segment.blobItems.map(({ name }) => name);
      // The last page has an empty one.
      return { names, next: continuationToken === '' ? undefined : continuationToken };
    }
    return { names: [], next: undefined };
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

  async #writeStream(name: string, bytes: Readable, contentType: string): Promise<void> {
    await this.#run(() =>
      this.#client.getBlockBlobClient(name).uploadStream(bytes, BLOCK.bytes, BLOCK.atOnce, {
        ...bounded(STREAM_TAKES_AT_MOST_MS),
        blobHTTPHeaders: { blobContentType: contentType },
      }),
    );
  }

  async #run<Result>(run: () => Promise<Result>): Promise<Result> {
    try {
      this.#created ??= this.#client.createIfNotExists(bounded());
      await this.#created;
      return await run();
    } catch (error) {
      // A container that could not be made is tried anew by the next call.
      this.#created = undefined;
      throw toFailure(error);
    }
  }

  async *#watch(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* pieces;
    } catch (error) {
      throw toFailure(error);
    }
  }
}

async function* piecesOf({
  readableStreamBody,
}: BlobDownloadResponseParsed): AsyncGenerator<Uint8Array> {
  // In Node the body is a stream of bytes; its type leaves that open.
  for await (const chunk of readableStreamBody ?? []) {
    yield Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk);
  }
}

function toFailure(error: unknown): Error {
  return toDomainError(error, {
    resource: 'AzureWebJobsStorage',
    doing: 'use its blob storage',
    grant: assignOwnRole('Storage Blob Data Contributor', '{id of the storage account}'),
  });
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

/**
 * Lets everything be heard that has come in. Whoever makes a large text may have kept the process from
 * it for so long that the other side has hung up: a connection must be known to be closed before it is
 * used again.
 */
async function wholeTurn(): Promise<void> {
  // What is asked for in the phase of immediates itself comes after the next look at the network.
  await setImmediate();
  await setImmediate();
}

function bounded(milliseconds = CALL_TAKES_AT_MOST_MS): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(milliseconds) };
}

function tooLarge(name: string): TerminalError {
  return new TerminalError({
    code: 'AZURE_REFUSED',
    message: `The blob ${name} is larger than anything that Certkeeper writes.`,
    resource: 'AzureWebJobsStorage',
    cure: 'Look who wrote it, and delete it.',
  });
}
