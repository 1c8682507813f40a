import { toPlainThumbprint, type Naming } from '../domain/certificate-use.ts';

/** Where in a text something is named. */
export interface Named {
  readonly naming: Naming;
  readonly at: number;
  /** It may be data that only looks like a reference. */
  readonly doubtful?: true;
}

/**
 * `{{name}}`, which API Management replaces before it looks at anything else. A name "may contain only
 * letters, digits, period, dash, and underscore characters" (REST reference "Named Value").
 */
export const NAMED_VALUE = /\{\{\s*[\w.-]+\s*\}\}/;
/** What speaks of certificates, so that its texts may be thumbprints. */
export const OF_CERTIFICATES = /cert|thumb/i;
/** 20 bytes in hexadecimal that are not a part of more, the same sign or none between them. */
const THUMBPRINT =
  /(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{40}|[0-9A-Fa-f]{2}([\s:])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){18})(?![0-9A-Fa-f])/g;
/** No id and no thumbprint is longer, be it made of some named values. */
const LONGEST = 1000;

/**
 * What may be the thumbprints in a text that has to do with certificates and holds named values: any
 * of these, alone or in a list, and what stands there itself.
 */
export function thumbprintsBeside(text: string): readonly Named[] {
  const filled = [...text.matchAll(new RegExp(NAMED_VALUE, 'g'))].map((match) => ({
    naming: nameBy('thumbprint', match[0]),
    at: match.index,
  }));
  const rest = text.replaceAll(new RegExp(NAMED_VALUE, 'g'), '');
  // Put together, they may make one.
  const whole = rest.trim() !== '' || filled.length > 1;
  if (whole && /^[0-9A-Fa-f\s:]*$/.test(rest)) {
    return [{ naming: nameBy('thumbprint', text.trim()), at: 0 }];
  }
  return [...filled, ...thumbprintsIn(text)];
}

/** What a text that names one certificate says; one too long to be a name may name anything. */
export function nameBy(kind: 'id' | 'thumbprint', text: string): Naming {
  return text.length > LONGEST ? { kind: 'expression' } : { kind, text };
}

/** The thumbprints in a text: the text is one, or they stand among other things, as in a list. */
export function thumbprintsIn(text: string): readonly Named[] {
  if (toPlainThumbprint(text) !== undefined) {
    return [{ naming: nameBy('thumbprint', text.trim()), at: 0 }];
  }
  return [...text.matchAll(THUMBPRINT)].map((match) => ({
    naming: { kind: 'thumbprint', text: match[0] },
    at: match.index,
  }));
}

/**
 * What is named in a text that holds an expression which cannot be read, or which stands among
 * other text: API Management may or may not take it for one. Rather too much than too little.
 */
export function namedInUnclearText(text: string): readonly Named[] {
  const store = text.search(/\bCertificates\b|\\u/);
  const named: Named[] = store < 0 ? [] : [{ naming: { kind: 'expression' }, at: store }];
  const thumbprints = OF_CERTIFICATES.test(text) ? thumbprintsBeside(text) : thumbprintsIn(text);
  return [...named, ...thumbprints].map(doubted);
}

export function doubted(named: Named): Named {
  return { ...named, doubtful: true };
}
