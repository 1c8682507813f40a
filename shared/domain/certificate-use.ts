/**
 * Where certificates of API Management are used. A document (a policy, a backend, a named value …)
 * mentions certificates; what a mention means is only known once named values are put in, and is a
 * reference then. Paths are those below the service, as Resource Manager writes them, e.g.
 * `apis/orders/operations/get/policies/policy` or `workspaces/team-a/backends/orders`.
 */

/** A kind of document in which a certificate can be named. */
export const USE_DOCUMENT_KINDS = [
  'backend',
  'custom-domain',
  'gateway-ca',
  'gateway-hostname',
  'named-value',
  'policy',
  'policy-fragment',
] as const;
export type UseDocumentKind = (typeof USE_DOCUMENT_KINDS)[number];

/**
 * How a mention names a certificate; texts as they are written, so they may hold `{{named values}}`. A
 * thumbprint may be sealed (see {@link Seal}).
 */
export type Naming =
  | { readonly kind: 'id'; readonly text: string }
  | { readonly kind: 'thumbprint'; readonly text: string }
  /** A Key Vault address: the document reads the vault itself. */
  | { readonly kind: 'key-vault'; readonly identifier: string }
  /** The document carries the certificate itself, and none that API Management holds. */
  | { readonly kind: 'body' }
  /** Worked out when a request comes: it may be any certificate that the document can see. */
  | { readonly kind: 'expression' };

/** One place in a document that names a certificate. */
export interface Mention {
  /** For people, e.g. `inbound/authentication-certificate/@thumbprint, line 4`. */
  readonly at: string;
  readonly naming: Naming;
  /** Whether a thumbprint there can be replaced by the id, all else left as it is. */
  readonly repairable: boolean;
  /** It may be data that only looks like a reference, as in a message that is sent. */
  readonly doubtful?: true;
}

/** What is kept about a document. Holds none of its text but what names certificates. */
export interface UseDocument {
  readonly path: string;
  readonly kind: UseDocumentKind;
  /** The state that was read; absent where the service tells none. */
  readonly etag?: string;
  /** ISO 8601, UTC. */
  readonly readAt: string;
  readonly mentions: readonly Mention[];
  /** Why it could not be understood: then it may name any certificate that it can see. */
  readonly unreadable?: string;
  /** Of a named value only. */
  readonly namedValue?: KnownNamedValue;
}

/** A named value as far as it is needed to understand who mentions it. */
export interface KnownNamedValue {
  /** What stands between the braces: `{{displayName}}`. */
  readonly displayName: string;
  /**
   * Kept only where it is a thumbprint, which may be sealed, a Resource Manager id of a certificate, or
   * the id of one that there is where the named value is; `other` = it is none of these, `hidden` =
   * secret, or read from Key Vault, and not looked at.
   */
  readonly value:
    | {
        readonly kind: 'known';
        readonly text: string;
        /** A thumbprint that is written with blanks or colons, or with something around it. */
        readonly decorated?: true;
      }
    | { readonly kind: 'other' | 'hidden' };
}

/** A place that uses a certificate, or may use it. */
export interface CertificateReference {
  readonly document: string;
  readonly kind: UseDocumentKind;
  readonly at: string;
  readonly by: 'id' | 'thumbprint' | 'key-vault' | 'expression' | 'unreadable';
  /** `possible`: it cannot be told from outside, so it may be in use. */
  readonly certainty: 'certain' | 'possible';
  /** The named value through which it refers, by its display name. */
  readonly via?: string;
  /** Whether it refers by a thumbprint that can be replaced by the id. */
  readonly repairable: boolean;
}

/** What tells two references apart. */
export function referenceKey(reference: CertificateReference): string {
  const { document, at, by, certainty, via, repairable } = reference;
  return JSON.stringify([document, at, by, certainty, via, repairable]);
}

/** Whether a certificate is used; what counts is the surest reference. */
export type UseVerdict = 'in-use' | 'may-be-in-use' | 'unused';

export function judgeUse(references: readonly CertificateReference[]): UseVerdict {
  if (references.some(({ certainty }) => certainty === 'certain')) return 'in-use';
  return references.length > 0 ? 'may-be-in-use' : 'unused';
}

/**
 * Puts a digest in place of a thumbprint, of the form `sha256:…`. Twenty bytes in hexadecimal may be
 * a key to something as well as a thumbprint, so what is kept of them only tells whether they are the
 * same.
 */
export type Seal = (plain: string) => string;
const SEALED = 'sha256:';

export function isSealed(text: string): boolean {
  return text.startsWith(SEALED);
}

/** A thumbprint as people paste it: blanks, colons and an invisible mark in front are left out. */
export function toPlainThumbprint(text: string): string | undefined {
  const plain = text.replaceAll(/[\s:\u200e\u200f\ufeff]/g, '').toUpperCase();
  return /^[0-9A-F]{40}$/.test(plain) ? plain : undefined;
}
