import type { CertificateReference } from './certificate-use.ts';

/** The most references that a sentence names. */
const NAMED_IN_A_SENTENCE = 5;
/** Names come from outside: none may fill a sentence. */
const LONGEST_NAME = 200;

/** A reference for people: `apis/orders/policies/policy (inbound/…/@thumbprint, line 4)`. */
export function describeReference(reference: CertificateReference): string {
  const { document, at, by, via } = reference;
  const through = via === undefined ? '' : `, through the named value ${shorten(via)}`;
  const how = by === 'unreadable' ? 'it could not be read' : shorten(at);
  return `${shorten(document)} (${how}${through})`;
}

/**
 * Several references for one sentence; of many the first ones and how many more there are.
 * @param leftOut how many there are besides those that are given
 */
export function describeReferences(
  references: readonly CertificateReference[],
  leftOut = 0,
): string {
  const named = references.slice(0, NAMED_IN_A_SENTENCE).map(describeReference).join('; ');
  const more = references.length + leftOut - Math.min(references.length, NAMED_IN_A_SENTENCE);
  return more > 0 ? `${named}; and ${String(more)} more` : named;
}

function shorten(text: string): string {
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
}
