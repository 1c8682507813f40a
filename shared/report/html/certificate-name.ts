import { html, type Html } from '../../pages/html.ts';
import type { Book, Row } from './page-data.ts';

/** What people call a certificate: its path, and of a CA certificate the name instead of the thumbprint. */
export interface CertificateName {
  /** Up to the last part, which is the name; ends in `/`. */
  readonly path: string;
  readonly name: string;
}

export function nameOf({ id, place, subject = '' }: Row): CertificateName {
  const cut = id.lastIndexOf('/') + 1;
  const commonName = place === 'ca' ? /(?:^|,\s*)CN=([^,]+)/.exec(subject)?.[1] : undefined;
  return { path: id.slice(0, cut), name: commonName ?? id.slice(cut) };
}

/** A link to a certificate in the table; of one that the report does not have, only what it is called. */
export function certificateLink(id: string, book: Book): Html {
  const row = book.rowOf(id);
  if (row === undefined) return html`${id}`;
  const { path, name } = nameOf(row);
  return html`<a href="#certificates" data-certificate="${id}">${path}${name}</a>`;
}
