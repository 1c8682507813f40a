/**
 * An application's `keyCredentials` (Microsoft Graph). A change replaces the whole collection, there
 * is no ETag, and how an entry that is to stay must be sent is not settled: so what is sent is made
 * here of what was read, and what is read afterwards is compared with it. Pure functions.
 */
import type { PublicKey } from './public-key.ts';

/** An entry as it was read. */
export interface KeyEntry {
  readonly keyId: string;
  /** SHA-1 of the certificate, 40 upper-case hex digits; absent = the entry does not tell. */
  readonly thumbprint?: string;
  readonly displayName?: string;
  readonly usage?: string;
  /** ISO 8601. */
  readonly startsAt?: string;
  readonly expiresAt?: string;
  /** Everything as Graph gave it, the key's value among it where Graph tells it. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** An entry as it is sent. */
export type SentKey = Readonly<Record<string, unknown>>;

/** A key that is to be added, with the name that people see. */
export interface NewKey extends PublicKey {
  readonly displayName: string;
}

/**
 * How an entry that stays is sent. Reports contradict each other (microsoft-graph-docs#3579 and what
 * azure-cli does: the id and no value; azure-powershell#6784: "Update to existing credential with
 * KeyId is not allowed"; "Add a certificate to an app using Microsoft Graph": the value and no id).
 *
 * In the order in which they are tried: what is sent with its value can be refused, which changes
 * nothing; without its value it could be lost.
 */
export const FORMS = ['as-read', 'value-only', 'id-only'] as const;
export type Form = (typeof FORMS)[number];

/** Whether the entry's value is known, without which it cannot be put back. */
export function hasValue({ raw }: KeyEntry): boolean {
  return typeof raw['key'] === 'string' && raw['key'] !== '';
}

/** The same key: by its id, or as the same certificate for the same use under another id. */
export function isSameKey(a: KeyEntry, b: KeyEntry): boolean {
  if (a.keyId === b.keyId) return true;
  return a.thumbprint !== undefined && a.thumbprint === b.thumbprint && a.usage === b.usage;
}

/** What was there and is there no more. */
export function missingKeys(
  before: readonly KeyEntry[],
  after: readonly KeyEntry[],
): readonly KeyEntry[] {
  return before.filter((one) => !after.some((other) => isSameKey(one, other)));
}

/**
 * The whole collection to send. Whatever is there and is not in `remove` is in it.
 *
 * @param change `there` as it was read just now; `lost` by an earlier change: sent with its value
 * @param dates `own` = a new key is valid as long as its certificate; a tenant may allow less, and
 *   then they are left out for Graph to choose
 */
export function mergeKeys(
  change: {
    readonly there: readonly KeyEntry[];
    readonly lost: readonly KeyEntry[];
    readonly add: readonly NewKey[];
    readonly remove: readonly KeyEntry[];
  },
  form: Form,
  dates: 'own' | 'left-out' = 'own',
): readonly SentKey[] {
  const { there, lost, add, remove } = change;
  const gone = new Set(remove.map(({ keyId }) => keyId));
  const stay = there.filter(({ keyId }) => !gone.has(keyId));
  const back = lost.filter((one) => !stay.some((other) => isSameKey(one, other)));
  const known = new Set([...stay, ...back].map(({ thumbprint }) => thumbprint));
  return [
    ...stay.map((one) => toStaying(one, form)),
    ...back.map(({ raw }) => (form === 'as-read' ? raw : withoutId(raw))),
    ...add.filter(({ thumbprint }) => !known.has(thumbprint)).map((one) => toNew(one, dates)),
  ];
}

function toStaying(entry: KeyEntry, form: Form): SentKey {
  // Of what Graph tells no value, the id is all there is to send.
  if (form === 'id-only' || !hasValue(entry)) return { ...entry.raw, key: null };
  return form === 'as-read' ? entry.raw : withoutId(entry.raw);
}

function withoutId({ keyId: _, ...rest }: Readonly<Record<string, unknown>>): SentKey {
  return rest;
}

/** As "Add a certificate to an app using Microsoft Graph" has it. */
function toNew(
  { der, displayName, startsAt, expiresAt }: NewKey,
  dates: 'own' | 'left-out',
): SentKey {
  return {
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: der,
    displayName,
    ...(dates === 'own' ? { startDateTime: startsAt, endDateTime: expiresAt } : {}),
  };
}
