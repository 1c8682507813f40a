import type { BlobContainer } from '../blobs.ts';
import type { DocumentCopies } from '../../domain/repair-ports.ts';

/** The container of the copies. Whoever may read it reads policies. */
export const COPIES_CONTAINER = 'certkeeper-copies';

/** Copies of documents in blob storage, as UTF-8, byte for byte. */
export function makeDocumentCopies(blobs: Pick<BlobContainer, 'get' | 'put'>): DocumentCopies {
  return {
    async save(name, text) {
      await blobs.put(name, Buffer.from(text, 'utf8'), 'application/xml; charset=utf-8');
    },
    async read(name) {
      const bytes = await blobs.get(name);
      return bytes === undefined ? undefined : Buffer.from(bytes).toString('utf8');
    },
  };
}
