/** The XML of the classic Service Management API: read and written, in its one namespace. */
import { SaxesParser } from 'saxes';

export const NAMESPACE = 'http://schemas.microsoft.com/windowsazure';

/**
 * The texts of the elements inside the document's root, by name.
 * Thrown when it is not well-formed, or has another root or namespace: an Error saying what.
 */
export function readElements(document: string, root: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ local, uri }) => {
    // The pages show the namespace with http and, since all their links were rewritten, with https.
    if (uri.replace(/^https:/, 'http:') !== NAMESPACE) {
      throw new Error(`The element ${local} is not in the namespace ${NAMESPACE}.`);
    }
    if (open.length === 0 && local !== root) throw new Error(`The root is not ${root}.`);
    open.push(local);
    if (open.length === 2) texts.set(local, '');
  });
  parser.on('text', (text) => {
    const [, name, ...deeper] = open;
    if (name !== undefined && deeper.length === 0) {
      texts.set(name, `${texts.get(name) ?? ''}${text}`);
    }
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.write(document.replace(/^\uFEFF/, '')).close();
  return texts;
}

/** An element with texts in it, in the order given. */
export function writeElement(name: string, texts: Readonly<Record<string, string>>): string {
  const inner = Object.entries(texts).map(([tag, text]) => `<${tag}>${escape(text)}</${tag}>`);
  return `<${name}>${inner.join('')}</${name}>`;
}

/** A whole document with this root in the API's namespace. */
export function writeDocument(root: string, inner: string): string {
  return `<?xml version="1.0" encoding="utf-8"?><${root} xmlns="${NAMESPACE}">${inner}</${root}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
