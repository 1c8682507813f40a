/**
 * Copies of CA certificates: the certificate in a blob, what it says of itself in a row. The blob
 * comes first, so that what has a row can be sent. Copies are known by their thumbprint, and so
 * one never becomes wrong; none is ever deleted.
 *
 * | container       | name                          | contents               |
 * | --------------- | ----------------------------- | ---------------------- |
 * | `certkeeper-ca` | `{service}/{thumbprint}.cer`  | the certificate, DER   |
 *
 * | partition     | key                  | document |
 * | ------------- | -------------------- | -------- |
 * | `ca\|{service}` | `copy\|{thumbprint}`   | CaCopy   |
 */
import { createHash } from 'node:crypto';
import { odata } from '@azure/data-tables';
import * as z from 'zod';
import type { BlobContainer } from './blobs.ts';
import { caPartition } from './ca-ledger.ts';
import { encodeKey, type DocumentTable } from './tables.ts';
import type { CaCopies } from '../domain/ca-ports.ts';
import { TerminalError } from '../domain/errors.ts';

/** The container of the copies. */
export const CA_CONTAINER = 'certkeeper-ca';

export const copySchema = z.object({
  thumbprint: z.string(),
  subject: z.string(),
  issuer: z.string(),
  notBefore: z.string(),
  notAfter: z.string(),
});

export function makeCaCopies(
  table: Pick<DocumentTable, 'list' | 'put'>,
  blobs: Pick<BlobContainer, 'get' | 'put'>,
): CaCopies {
  return {
    async list(service) {
      const copies = [];
      for await (const row of table.list(odata`PartitionKey eq ${caPartition(service)}`)) {
        if (row.key.startsWith('copy|')) copies.push(copySchema.parse(row.document));
      }
      return copies;
    },

    async keep(service, copy, der) {
      // Written anew each time: a copy that was damaged is whole again after an upload.
      await blobs.put(nameOf(service, copy.thumbprint), der, 'application/pkix-cert');
      const key = `copy|${encodeKey(copy.thumbprint)}`;
      await table.put([{ partition: caPartition(service), key, document: copy }]);
    },

    async read(service, thumbprint) {
      const der = await blobs.get(nameOf(service, thumbprint));
      if (der !== undefined && sha1(der) === thumbprint) return der;
      throw new TerminalError({
        code: 'CA_ENTRIES_UNKNOWN',
        message: `The copy of the CA certificate ${thumbprint} for ${service} is ${der === undefined ? 'gone' : 'damaged'}.`,
        resource: service,
        cure: `Upload it once more: certkeeper ca add ${service} {file}`,
      });
    },
  };
}

export function nameOf(service: string, thumbprint: string): string {
  return `${service}/${thumbprint}.cer`;
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex').toUpperCase();
}
