import { createHash } from 'node:crypto';
import {
  isSealed,
  toPlainThumbprint,
  type Mention,
  type UseDocument,
} from '../../domain/certificate-use.ts';

/** See Seal in the domain. @param plain 40 upper-case hex digits */
export function sealThumbprint(plain: string): string {
  return `sha256:${createHash('sha256').update(plain).digest('hex')}`;
}

/**
 * A document without what looks like thumbprints: a header's value of 40 hex digits may be a key. What
 * can be none, whatever named values hold, is left out.
 */
export function sealDocument(document: UseDocument): UseDocument {
  const mentions = document.mentions.flatMap((mention) => seal(mention) ?? []);
  const same = mentions.length === document.mentions.length;
  return same && mentions.every((one, at) => one === document.mentions[at])
    ? document
    : { ...document, mentions };
}

const NAMED_VALUE = /\{\{\s*[\w.-]+\s*\}\}/g;

function seal(mention: Mention): Mention | undefined {
  const { naming } = mention;
  if (naming.kind !== 'thumbprint' || isSealed(naming.text)) return mention;
  const plain = toPlainThumbprint(naming.text);
  if (plain !== undefined) {
    return { ...mention, naming: { kind: 'thumbprint', text: sealThumbprint(plain) } };
  }
  const beside = naming.text.replaceAll(NAMED_VALUE, '').trim();
  if (beside === naming.text.trim()) return undefined;
  // Digits beside named values are no thumbprint yet, and may be a key all the same.
  return beside === ''
    ? mention
    : { ...mention, naming: { kind: 'expression' }, repairable: false };
}
