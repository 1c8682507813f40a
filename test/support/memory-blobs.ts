import type { BlobContainer } from '../../shared/azure/blobs.ts';

export type Blobs = Pick<BlobContainer, 'get' | 'has' | 'list' | 'put' | 'putText' | 'remove'>;

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
    has: async (name) => blobs.has(name),
    put: async (name, bytes) => {
      blobs.set(name, bytes);
    },
    putText: async (name, pieces) => {
      blobs.set(name, Buffer.from([...pieces].join('')));
    },
    remove: async (name) => {
      blobs.delete(name);
    },
    async *list(prefix) {
      yield* names().filter((name) => name.startsWith(prefix));
    },
  };
}
