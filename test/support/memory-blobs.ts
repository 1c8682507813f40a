import type { BlobContainer } from '../../shared/azure/blobs.ts';

export type Blobs = Pick<
  BlobContainer,
  'add' | 'get' | 'has' | 'list' | 'open' | 'put' | 'putPieces' | 'putText' | 'remove'
>;

export interface MemoryBlobs extends Blobs {
  /** In the order of their names. */
  names(): readonly string[];
}

/** A container of blobs in memory, listed in the order of their names as blob storage does. */
export function makeMemoryBlobs(): MemoryBlobs {
  const blobs = new Map<string, Uint8Array>();
  const names = (): readonly string[] => [...blobs.keys()].sort();
  return {
    names,
    get: async (name) => blobs.get(name),
    open: async (name) => {
      const bytes = blobs.get(name);
      return bytes === undefined ? undefined : inPieces(bytes);
    },
    has: async (name) => blobs.has(name),
    put: async (name, bytes) => {
      blobs.set(name, bytes);
    },
    putText: async (name, pieces) => {
      blobs.set(name, Buffer.from([...pieces].join('')));
    },
    putPieces: async (name, pieces) => {
      const all: Uint8Array[] = [];
      for await (const piece of pieces) all.push(piece);
      blobs.set(name, Buffer.concat(all));
    },
    add: async (name, bytes) => {
      if (blobs.has(name)) return false;
      blobs.set(name, bytes);
      return true;
    },
    remove: async (name) => {
      blobs.delete(name);
    },
    async *list(prefix) {
      yield* names().filter((name) => name.startsWith(prefix));
    },
  };
}

/** As they come over a wire: cut wherever it happens. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 1_000) yield bytes.subarray(at, at + 1_000);
}
