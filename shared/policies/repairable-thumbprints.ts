import { toPlainThumbprint } from '../domain/certificate-use.ts';
import { decodeEntities } from './entities.ts';
import { isUnclear } from './named-in-value.ts';
import { readPolicy, type PolicyAttribute, type PolicyElement } from './read-policy.ts';
import { joinPieces, readValue } from './read-value.ts';

/**
 * The attributes of a policy that hold a thumbprint which an id can stand in for: those of
 * `authentication-certificate` where it is sure to authenticate. Everything around it up to the root
 * has to lead there; in what is sent or logged, and in elements that nobody knows, it may be data.
 *
 * There are none in a document that cannot be read to its end, nor in one in which something looks
 * like an expression and is none that can be read: API Management may see its tags elsewhere.
 */
export function repairableThumbprints(text: string): readonly PolicyAttribute[] {
  const found: PolicyAttribute[] = [];
  const unclear: string[] = [];
  const see = (raw: string, closing: '<' | '"' | "'" | undefined): void => {
    for (const { kind, text: read } of readValue(raw, closing)) {
      if (kind === 'text' && isUnclear(read)) unclear.push(read);
    }
  };
  const unreadable = readPolicy(text, {
    element(element) {
      for (const { raw, quote } of element.attributes) see(raw, quote);
      const attribute = thumbprintOf(element);
      if (attribute !== undefined) found.push(attribute);
    },
    text({ pieces }) {
      const [first, ...more] = pieces;
      if (first === undefined) return;
      // A piece of an expression is clear when the whole is: a comment or CDATA cut it.
      if (more.length > 0) see(joinPieces(pieces), undefined);
      else see(first.raw, first.cdata ? undefined : '<');
    },
  });
  return unclear.length === 0 && unreadable === undefined ? found : [];
}

/**
 * "Either thumbprint or certificate-id can be present" ("Authenticate with client certificate"):
 * which of the two counts where both are, or where a `body` stands beside it, is said nowhere, so
 * such an element is left to people. An expression and a named value hold no thumbprint that could
 * be replaced here.
 */
function thumbprintOf(element: PolicyElement): PolicyAttribute | undefined {
  const { name, attributes, authenticates } = element;
  if (name !== 'authentication-certificate' || !authenticates) return undefined;
  if (attributes.some((one) => /certificate-id$|(?:^|:)body$/i.test(one.name))) return undefined;
  return attributes.find(
    (one) => one.name === 'thumbprint' && toPlainThumbprint(decodeEntities(one.raw)) !== undefined,
  );
}
