import {
  isSealed,
  referenceKey,
  toPlainThumbprint,
  type CertificateReference,
  type Mention,
  type Seal,
  type UseDocument,
} from './certificate-use.ts';
import { parseSecretIdentifier } from './secret-identifier.ts';
import { formatSource, type Source } from './source.ts';
import type { CertificateTarget } from './target.ts';
import { makeFillIn, type FillIn } from './use-named-values.ts';
import { readWrittenId, scopeOf, SERVICE_SCOPE } from './use-scope.ts';

/**
 * A key under which a reference is found: `id|{scope}|{id}`, `thumbprint|{PLAIN}`, or sealed,
 * `any|{scope}` or `source|{vault/name}`. The scope is empty for the service, or the workspace's name; scopes and ids
 * are lower case. Keys are stored, so their form stays.
 */
export type UseKey = string;

export interface KeyedReference {
  readonly key: UseKey;
  readonly reference: CertificateReference;
}

/**
 * What the documents of a service refer to, once named values are put in. All its documents are
 * needed at once, since a policy may name a certificate through a named value.
 * @param vaultSuffix the cloud's, e.g. `vault.azure.net`
 * @param seal how thumbprints in the documents are sealed, where they are
 */
export function resolveUses(
  documents: readonly UseDocument[],
  vaultSuffix: string,
  seal: Seal = asItIs,
): readonly KeyedReference[] {
  const facts = { fillIn: makeFillIn(documents), vaultSuffix, seal };
  return documents.flatMap((document) => [
    ...ofUnreadable(document),
    ...ofNamedValue(document, seal),
    ...document.mentions.flatMap((mention) => ofMention(document, mention, facts)),
  ]);
}

/**
 * The keys under which references to a certificate stand that has, or had, these thumbprints.
 * @param seal as the documents were resolved with
 */
export function keysOf(
  target: CertificateTarget,
  thumbprints: readonly string[],
  seal: Seal = asItIs,
): readonly UseKey[] {
  const scope = target.kind === 'workspace-certificate' ? target.workspace : SERVICE_SCOPE;
  const sealed = thumbprints.flatMap((thumbprint) => readThumbprint(thumbprint, seal) ?? []);
  return [keyOfId(scope, target.id), ...new Set(sealed.map(keyOfThumbprint)), keyOfAny(scope)];
}

function asItIs(plain: string): string {
  return plain;
}

/** A thumbprint as it stands in keys; undefined for what is none. */
function readThumbprint(text: string, seal: Seal): string | undefined {
  if (isSealed(text)) return text;
  const plain = toPlainThumbprint(text);
  return plain === undefined ? undefined : seal(plain);
}

/** The key under which references to a certificate in Key Vault itself stand. */
export function keyOfSource(source: Source): UseKey {
  return `source|${formatSource(source)}`;
}

/** The references under any of these keys, each once, the sure ones first, else in their order. */
export function referencesAt(
  keyed: Iterable<KeyedReference>,
  keys: readonly UseKey[],
): readonly CertificateReference[] {
  const wanted = new Set(keys);
  const found = new Map<string, CertificateReference>();
  for (const { key, reference } of keyed) {
    if (!wanted.has(key)) continue;
    found.set(referenceKey(reference), reference);
  }
  const all = [...found.values()];
  return [
    ...all.filter(({ certainty }) => certainty === 'certain'),
    ...all.filter(({ certainty }) => certainty === 'possible'),
  ];
}

function keyOfId(scope: string, id: string): UseKey {
  return `id|${scope.toLowerCase()}|${id.toLowerCase()}`;
}

/** The key under which references by a thumbprint stand; 40 upper-case hex digits, or sealed. */
export function keyOfThumbprint(thumbprint: string): UseKey {
  return `thumbprint|${thumbprint}`;
}

function keyOfAny(scope: string): UseKey {
  return `any|${scope.toLowerCase()}`;
}

/** A reference but for what is the same wherever it is found. */
type Partly = Omit<CertificateReference, 'document' | 'kind' | 'at'>;

interface Facts {
  readonly fillIn: FillIn;
  readonly vaultSuffix: string;
  readonly seal: Seal;
}

function ofMention(
  document: UseDocument,
  mention: Mention,
  { fillIn, vaultSuffix, seal }: Facts,
): readonly KeyedReference[] {
  const { naming, at, doubtful } = mention;
  const scope = scopeOf(document.path);
  const refer = (key: UseKey, partly: Partly): KeyedReference => ({
    key,
    reference: { document: document.path, kind: document.kind, at, ...partly },
  });
  switch (naming.kind) {
    case 'body':
      return [];
    case 'expression':
      return toAnyIn(document, at, 'expression');
    case 'key-vault': {
      const secret = parseSecretIdentifier(naming.identifier, vaultSuffix);
      if (secret === undefined) return [];
      return [refer(keyOfSource(secret.source), sure('key-vault'))];
    }
    case 'thumbprint':
    case 'id': {
      const filled = fillIn(naming.text, scope);
      if (filled.kind === 'unknown') return toAnyIn(document, at, 'expression', filled.via);
      // Which ids there are is known only where a named value is; a thumbprint is one anywhere.
      const elsewhere = naming.kind === 'id' && !filled.sure;
      if (filled.kind === 'none') {
        return elsewhere ? toAnyIn(document, at, 'expression', filled.via) : [];
      }
      const through = throughNamedValues(filled.via);
      const certainty = filled.sure && doubtful !== true ? 'certain' : 'possible';
      if (naming.kind === 'id') {
        if (isSealed(filled.text)) {
          return elsewhere ? toAnyIn(document, at, 'expression', filled.via) : [];
        }
        return placesOfId(filled.text, scope).map(({ key, certain }) =>
          refer(key, {
            by: 'id',
            certainty: certain ? certainty : 'possible',
            ...through,
            repairable: false,
          }),
        );
      }
      const thumbprint = readThumbprint(filled.text, seal);
      if (thumbprint === undefined || thumbprint === ownThumbprint(document, seal)) return [];
      const repairable = mention.repairable && filled.via.length === 0;
      return [
        refer(keyOfThumbprint(thumbprint), { by: 'thumbprint', certainty, ...through, repairable }),
      ];
    }
  }
}

/**
 * Where a certificate of this id may be. Whether what belongs to a workspace can name a certificate
 * of the service itself by its bare id is documented nowhere.
 */
function placesOfId(
  text: string,
  documentScope: string,
): readonly { readonly key: UseKey; readonly certain: boolean }[] {
  const { id, scope } = readWrittenId(text);
  if (id === '') return [];
  const own = { key: keyOfId(scope ?? documentScope, id), certain: true };
  if (scope !== undefined || documentScope === SERVICE_SCOPE) return [own];
  return [own, { key: keyOfId(SERVICE_SCOPE, id), certain: false }];
}

/** What may name any certificate that the document can see; from a workspace also the service's. */
function toAnyIn(
  { path, kind }: UseDocument,
  at: string,
  by: 'expression' | 'unreadable',
  via: readonly string[] = [],
): readonly KeyedReference[] {
  const reference: CertificateReference = {
    document: path,
    kind,
    at,
    by,
    certainty: 'possible',
    ...throughNamedValues(via),
    repairable: false,
  };
  const scopes = new Set([scopeOf(path), SERVICE_SCOPE]);
  return [...scopes].map((scope) => ({ key: keyOfAny(scope), reference }));
}

function ofUnreadable(document: UseDocument): readonly KeyedReference[] {
  if (document.unreadable === undefined) return [];
  return toAnyIn(document, document.unreadable, 'unreadable');
}

/** A named value that is a thumbprint breaks with a rotation, whoever mentions it. */
function ofNamedValue(document: UseDocument, seal: Seal): readonly KeyedReference[] {
  const thumbprint = ownThumbprint(document, seal);
  const value = document.namedValue?.value;
  if (thumbprint === undefined || value?.kind !== 'known') return [];
  const { path, kind } = document;
  const reference: CertificateReference = {
    document: path,
    kind,
    at: 'value',
    by: 'thumbprint',
    certainty: 'certain',
    repairable: value.decorated !== true,
  };
  return [{ key: keyOfThumbprint(thumbprint), reference }];
}

function ownThumbprint({ namedValue }: UseDocument, seal: Seal): string | undefined {
  const value = namedValue?.value;
  return value?.kind === 'known' ? readThumbprint(value.text, seal) : undefined;
}

function sure(by: CertificateReference['by']): Partly {
  return { by, certainty: 'certain', repairable: false };
}

function throughNamedValues(via: readonly string[]): { readonly via?: string } {
  return via.length === 0 ? {} : { via: via.join(', ') };
}
