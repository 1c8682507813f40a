import type { HttpRequest } from '@azure/functions';
import { CA_STORES, type CaStore } from '../../../shared/domain/ca-entry.ts';
import { LARGEST_BODY, readFile, readFlag, refuseUnknown } from '../uploads/upload-form.ts';
import { RequestError } from '../../../shared/http/request-error.ts';
import { oneText, readForm } from '../../../shared/http/read-form.ts';

/** A file of CA certificates as somebody sends it. The password lives no longer than the call. */
export interface CaForm {
  readonly file: Uint8Array;
  readonly password: string | undefined;
  readonly store: CaStore | undefined;
  readonly acceptDowntime: boolean;
}

const FIELDS = ['file', 'password', 'store', 'acceptDowntime'] as const;

/**
 * Reads an upload: a multipart form or JSON with the same names.
 *
 * Thrown: RequestError, which names the fields; or what {@link readForm} throws.
 */
export async function readCaForm(request: HttpRequest): Promise<CaForm> {
  const form = await readForm(request, LARGEST_BODY);
  refuseUnknown(form, FIELDS);
  return {
    file: readFile(form, 'the .cer, .crt, .der, .pem, .p7b or .pfx file'),
    password: oneText(form, 'password'),
    store: readStore(oneText(form, 'store')),
    acceptDowntime: readFlag(form, 'acceptDowntime'),
  };
}

function readStore(text: string | undefined): CaStore | undefined {
  const found = CA_STORES.find((one) => one === text);
  if (text === undefined || found !== undefined) return found;
  throw new RequestError([{ field: 'store', message: `must be ${CA_STORES.join(' or ')}` }]);
}
