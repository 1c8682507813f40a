/**
 * ETags of entities inside a service, and what requests demand of them.
 * Source: REST reference (`If-Match`: "should match the current entity state or * for
 * unconditional update").
 */
import { AzureFault, type AzureRequest, type Store } from '../service.ts';

/** The next version number of anything in any service: versions never repeat. */
export function nextVersion(store: Store): number {
  return store.transaction(() => {
    const version = (store.get<{ last: number }>('apim.versions', 'last')?.last ?? 0) + 1;
    store.put('apim.versions', 'last', { last: version });
    return version;
  });
}

/** Eight bytes in base64, as the examples of the reference show, e.g. `AAAAAAAWBIU=`. */
export function toEtag(version: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(version));
  return bytes.toString('base64');
}

export function etagHeader(version: number): { etag: string } {
  return { etag: `"${toEtag(version)}"` };
}

/**
 * Checks `If-Match` against what exists.
 * Thrown when it names another state, or is missing where it is required: AzureFault 412
 * `PreconditionFailed` (assumed for the missing header: the reference calls it required and names
 * no code).
 */
export function requireMatch(
  request: AzureRequest,
  version: number | undefined,
  required: boolean,
): void {
  const given = request.headers['if-match']?.trim();
  if (given === undefined || given === '') {
    if (!required) return;
    throw new AzureFault(
      412,
      'PreconditionFailed',
      'The If-Match header is required for this operation.',
    );
  }
  // `*` on something that is not there yet is taken as "create it" (assumed: clients send it always).
  if (given === '*') return;
  const wanted = given.replace(/^W\//, '').replace(/^"|"$/g, '');
  if (version !== undefined && wanted === toEtag(version)) return;
  throw new AzureFault(
    412,
    'PreconditionFailed',
    'The resource was modified since it was last retrieved.',
  );
}
