import { toPlainThumbprint } from './certificate-use.ts';
import type { BackendCertificates } from './repair.ts';

/** The backend as it is to be; or why it cannot be, half a sentence. */
export type BackendPlan =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'rewrite'; readonly after: BackendCertificates }
  | { readonly kind: 'refused'; readonly why: string };

/**
 * Makes a backend refer to a certificate by its id where it refers by the thumbprint that goes. As
 * soon as it holds an id the service ignores its thumbprints, so either all of them become ids or
 * none does.
 *
 * @param from the thumbprint that goes
 * @param idOf the id of a certificate in the same scope by its thumbprint; undefined = there is none
 */
export function planBackend(
  before: BackendCertificates,
  from: string,
  idOf: (thumbprint: string) => string | undefined,
): BackendPlan {
  const credentials = planCredentials(before, from, idOf);
  if (typeof credentials === 'string') return { kind: 'refused', why: credentials };
  const { cluster } = before;
  const toId =
    cluster?.thumbprint !== undefined &&
    cluster.id === undefined &&
    toPlainThumbprint(cluster.thumbprint) === from
      ? idOf(from)
      : undefined;
  if (credentials === undefined && toId === undefined) return { kind: 'nothing' };
  return {
    kind: 'rewrite',
    after: {
      ...(credentials ?? { thumbprints: before.thumbprints, ids: before.ids }),
      ...(cluster === undefined ? {} : { cluster: toId === undefined ? cluster : { id: toId } }),
    },
  };
}

/** Undefined = nothing to do; a text = why not. */
function planCredentials(
  { thumbprints, ids }: BackendCertificates,
  from: string,
  idOf: (thumbprint: string) => string | undefined,
): Pick<BackendCertificates, 'thumbprints' | 'ids'> | string | undefined {
  if (ids.length > 0) return undefined;
  if (!thumbprints.some((one) => toPlainThumbprint(one) === from)) return undefined;
  const found: string[] = [];
  for (const text of thumbprints) {
    const plain = toPlainThumbprint(text);
    const id = plain === undefined ? undefined : idOf(plain);
    if (id === undefined) {
      return `it names ${text.slice(0, 100)} beside it, for which there is no certificate, and would no longer present that one`;
    }
    if (!found.includes(id)) found.push(id);
  }
  return { thumbprints: [], ids: found };
}
