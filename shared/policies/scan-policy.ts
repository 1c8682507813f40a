import type { Mention } from '../domain/certificate-use.ts';
import { constantOf } from './named-in-code.ts';
import { doubted, nameBy, NAMED_VALUE, type Named } from './named-in-text.ts';
import { isUnclear, namedInValue } from './named-in-value.ts';
import { formatPlace, makeLineCounter } from './place.ts';
import { holdsData, holdsPolicies, localName } from './policy-elements.ts';
import {
  readPolicy,
  type PolicyAttribute,
  type PolicyElement,
  type PolicyText,
  type PolicyTextPiece,
} from './read-policy.ts';
import { joinPieces, readValue, type PolicyValue } from './read-value.ts';
import { repairableThumbprints } from './repairable-thumbprints.ts';

/** What a policy says of certificates. */
export interface PolicyScan {
  readonly mentions: readonly Mention[];
  /** Why it could not be understood, one sentence: then anything may be named in it. */
  readonly unreadable?: string;
}

/**
 * The attributes that name a certificate of API Management: of `authentication-certificate`
 * ("Authenticate with client certificate"), of `identity` in `validate-client-certificate`
 * ("Validate client certificate": also `issuer-thumbprint` and `issuer-certificate-id`), and of `key`
 * in `validate-jwt` and `validate-azure-ad-token` ("Validate JWT", "Validate Microsoft Entra token").
 * They count on every element, since more policies may come to have them.
 */
const NAMES_ID = /(?:^|[-:])certificate-id$/i;
const NAMES_THUMBPRINT = /(?:^|[-:])thumbprint$/i;

/**
 * Finds where a policy or a policy fragment names certificates. Takes the formats `rawxml` and `xml`,
 * never throws, and takes time that grows with the length of the document only. What was found before
 * a document became unreadable is told too. References in comments are none; what may be data that
 * only looks like one is told as doubtful.
 */
export function scanPolicy(text: string): PolicyScan {
  const mentions: Mention[] = [];
  const lineOf = makeLineCounter(text);
  const repairable = new Set(
    text.includes('<authentication-certificate') && text.includes('thumbprint')
      ? repairableThumbprints(text).map(({ rawAt }) => rawAt)
      : [],
  );
  const add = (place: string, found: readonly Named[], attributeAt = -1): void => {
    const known = new Set<string>();
    for (const { naming, at, doubtful } of found) {
      const key = JSON.stringify([naming, doubtful]);
      if (known.has(key)) continue;
      known.add(key);
      mentions.push({
        at: `${place}, line ${lineOf(at)}`,
        naming,
        repairable: naming.kind === 'thumbprint' && repairable.has(attributeAt),
        ...(doubtful === true ? { doubtful } : {}),
      });
    }
  };
  const unreadable = readPolicy(text, {
    element(element) {
      for (const attribute of element.attributes) {
        const found = namedByAttribute(element, attribute);
        if (found.length === 0) continue;
        const place = formatPlace(element.above, [element.name, `@${attribute.name}`]);
        add(place, found, attribute.rawAt);
      }
    },
    text(piece) {
      const found = namedByText(piece);
      if (found.length > 0) add(formatPlace(piece.above), found);
    },
  });
  return unreadable === undefined ? { mentions } : { mentions, unreadable };
}

function namedByAttribute(element: PolicyElement, attribute: PolicyAttribute): readonly Named[] {
  const { name, nameAt, quote, raw, rawAt } = attribute;
  const kind = NAMES_ID.test(name) ? 'id' : NAMES_THUMBPRINT.test(name) ? 'thumbprint' : undefined;
  const named = readValue(raw, quote).flatMap((value): readonly Named[] => [
    ...(kind === undefined ? [] : namedByValue(kind, value, nameAt)),
    ...(kind === 'id' && value.kind === 'text' ? [] : placed(namedInValue(value), rawAt)),
  ]);
  const isBody = name === 'body' && localName(element.name) === 'authentication-certificate';
  const body: Named[] =
    isBody && raw.trim() !== '' ? [{ naming: { kind: 'body' }, at: nameAt }] : [];
  const all = [...body, ...named];
  return element.dataAbove > 0 ? all.map(doubted) : all;
}

function namedByText({ pieces, above, dataAbove }: PolicyText): readonly Named[] {
  const last = above.at(-1) ?? '';
  const named = (value: PolicyValue): readonly Named[] => {
    const found = namedInValue(value);
    return isSure(value, last, dataAbove) ? found : found.map(doubted);
  };
  const inPieces = pieces.flatMap(({ raw, rawAt, cdata }) =>
    readValue(raw, cdata ? undefined : '<').flatMap((value) => placed(named(value), rawAt)),
  );
  const inAll = pieces.length > 1 ? [...inPieces, ...namedByJoined(pieces, named)] : inPieces;
  if (dataAbove > 0 || !holdsPolicies(last)) return inAll;
  const withNamedValue = pieces.find(({ raw }) => NAMED_VALUE.test(raw));
  if (withNamedValue === undefined) return inAll;
  const at = withNamedValue.rawAt + withNamedValue.raw.search(NAMED_VALUE);
  return [{ naming: { kind: 'expression' }, at }, ...inAll];
}

/**
 * Whether a text that names a certificate is a use of it. An expression is worked out wherever it may
 * stand; a value is compared with what comes, or goes where a thumbprint is expected. What else is
 * sent or logged is only data.
 */
function isSure({ kind }: PolicyValue, last: string, dataAbove: number): boolean {
  if (dataAbove === 0) return true;
  return (
    holdsData(last) && dataAbove === 1 && (kind === 'expression' || localName(last) === 'value')
  );
}

/** An expression may go on behind a comment, or begin before a CDATA section. */
function namedByJoined(
  pieces: readonly PolicyTextPiece[],
  named: (value: PolicyValue) => readonly Named[],
): readonly Named[] {
  return readValue(joinPieces(pieces), undefined).flatMap((value) =>
    named(value).map((one) => ({ ...one, at: pieces[0]?.rawAt ?? 0 })),
  );
}

/** What the value of an attribute says that is there to name a certificate. */
function namedByValue(kind: 'id' | 'thumbprint', value: PolicyValue, at: number): readonly Named[] {
  const text =
    value.kind === 'expression'
      ? constantOf(value.tokens)
      : isUnclear(value.text)
        ? undefined
        : value.text.trim();
  if (text === '') return [];
  return [{ naming: text === undefined ? { kind: 'expression' } : nameBy(kind, text), at }];
}

function placed(named: readonly Named[], valueAt: number): readonly Named[] {
  return named.map((one) => ({ ...one, at: valueAt + one.at }));
}
