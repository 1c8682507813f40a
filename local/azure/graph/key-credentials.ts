/**
 * An application's `keyCredentials`: what a PATCH makes of the collection, which it replaces as a
 * whole. Sources: keyCredential resource type; "Add a certificate to an app using Microsoft Graph";
 * reports as named at each rule.
 */
import { createHash, randomUUID, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { badRequest, invalidKeyDate, invalidKeyValue, keyNotUpdatable } from './faults.ts';
import type { GraphSettings } from './graph-settings.ts';

export interface KeyCredential {
  /** Base64, as Edm.Binary is written. */
  readonly customKeyIdentifier: string | null;
  readonly displayName: string | null;
  readonly startDateTime: string;
  readonly endDateTime: string;
  /** The certificate in DER, base64. */
  readonly key: string;
  readonly keyId: string;
  readonly type: string;
  readonly usage: string;
}

const dateSchema = z.iso.datetime({ offset: true });

/** One entry as a request sends it. */
export const keyCredentialSchema = z.object({
  customKeyIdentifier: z.string().nullish(),
  displayName: z.string().nullish(),
  startDateTime: dateSchema.nullish(),
  endDateTime: dateSchema.nullish(),
  key: z.string().nullish(),
  keyId: z.guid().nullish(),
  type: z.string().nullish(),
  usage: z.string().nullish(),
});
export type GivenKeyCredential = z.infer<typeof keyCredentialSchema>;

export type KeyRules = Pick<
  GraphSettings,
  'keyWithoutValue' | 'resentEntry' | 'keyEndDate' | 'keyIdentifier' | 'duplicateCertificate'
>;

/**
 * The collection that a request leaves behind. What it does not name is gone.
 *
 * Thrown when an entry cannot be: AzureFault 400, and nothing is changed.
 */
export function replaceKeyCredentials(
  current: readonly KeyCredential[],
  given: readonly GivenKeyCredential[],
  rules: KeyRules,
  now: Date,
): KeyCredential[] {
  const next = given.flatMap((entry) => {
    const existing = current.find(({ keyId }) => sameText(keyId, entry.keyId));
    return existing === undefined
      ? [toNewCredential(entry, rules, now)]
      : keepCredential(existing, entry, rules);
  });
  // Assumed: nothing says what two entries of one id do.
  const twice = next.find(({ keyId }, at) =>
    next.slice(0, at).some((one) => sameText(one.keyId, keyId)),
  );
  if (twice !== undefined)
    throw badRequest(`There are two credentials with KeyId '${twice.keyId}'.`);
  if (
    rules.duplicateCertificate() === 'refuse' &&
    new Set(next.map(({ key }) => key)).size < next.length
  ) {
    throw invalidKeyValue('two credentials have the same certificate.');
  }
  return next;
}

/**
 * An entry that is there already can be kept or left out, not changed.
 * Sources: microsoft-graph-docs#3579 (kept by its keyId with a null key), azure-powershell#6784
 * (refused when it differs), #6219 (the difference was a customKeyIdentifier that was not sent).
 */
function keepCredential(
  existing: KeyCredential,
  given: GivenKeyCredential,
  rules: KeyRules,
): KeyCredential[] {
  const { customKeyIdentifier, key } = given;
  const dates = ['startDateTime', 'endDateTime'] as const;
  const texts = ['displayName', 'type', 'usage'] as const;
  const isSame =
    texts.every((name) => given[name] == null || given[name] === existing[name]) &&
    dates.every((name) => given[name] == null || sameInstant(given[name], existing[name])) &&
    (customKeyIdentifier == null
      ? rules.resentEntry() === 'given' || existing.customKeyIdentifier === null
      : toBase64(customKeyIdentifier) === existing.customKeyIdentifier) &&
    (isEmpty(key) || toBase64(key) === existing.key);
  if (!isSame) throw keyNotUpdatable(existing.keyId);
  if (!isEmpty(key)) return [existing];
  switch (rules.keyWithoutValue()) {
    case 'keep':
      return [existing];
    case 'drop':
      return [];
    case 'refuse':
      throw keyNotUpdatable(existing.keyId);
  }
}

function toNewCredential(given: GivenKeyCredential, rules: KeyRules, now: Date): KeyCredential {
  requireKind(given);
  if (isEmpty(given.key)) throw invalidKeyValue('it is empty.');
  const certificate = readCertificate(given.key);
  const { startDateTime, endDateTime } = readDates(given, certificate, rules, now);
  const thumbprint = createHash('sha1').update(certificate.raw);
  return {
    // "When not provided in the payload, defaults to the thumbprint of the certificate."
    customKeyIdentifier: isEmpty(given.customKeyIdentifier)
      ? rules.keyIdentifier() === 'bytes'
        ? thumbprint.digest('base64')
        : thumbprint.digest('hex').toUpperCase()
      : toBase64(given.customKeyIdentifier),
    // "with a maximum length of 90 characters. Longer values are accepted but shortened."
    displayName: given.displayName?.slice(0, 90) ?? null,
    startDateTime,
    endDateTime,
    key: certificate.raw.toString('base64'),
    keyId: given.keyId?.toLowerCase() ?? randomUUID(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
  };
}

/**
 * Type and usage belong together: `AsymmetricX509Cert` and `Verify`. (application: addKey; the
 * sentence about usage: msgraph-sdk-java#1823.) Keys that sign, and symmetric ones, do not exist here.
 */
function requireKind({ type, usage }: GivenKeyCredential): void {
  if (usage !== 'Verify' && usage !== 'Sign') {
    throw badRequest(
      'The value for the property "usage" in one of your credentials is invalid. Acceptable values are Sign, Verify.',
    );
  }
  if (type === 'AsymmetricX509Cert' && usage === 'Verify') return;
  // Assumed wording.
  throw badRequest(
    'The value for the property "type" in one of your credentials is invalid. AsymmetricX509Cert with the usage Verify is what is known here.',
  );
}

/** Source: "the certificate's raw data in byte array converted to Base64 string". */
function readCertificate(key: string): X509Certificate {
  const bytes = Buffer.from(toBase64(key), 'base64');
  try {
    const certificate = new X509Certificate(bytes);
    // PEM is read too; what follows the certificate, a private key for one, would go unseen.
    if (certificate.raw.equals(bytes)) return certificate;
  } catch {
    // Said below, as for what can be read and is more than a certificate.
  }
  throw invalidKeyValue('it is not a certificate in DER, with its public key only.');
}

/**
 * Left out, a credential ends one year after its start (how-to page). Its validity lies within the
 * certificate's (reports of `KeyCredentialsInvalidEndDate`), and an end that is past is refused
 * (assumed).
 */
function readDates(
  given: GivenKeyCredential,
  certificate: X509Certificate,
  rules: KeyRules,
  now: Date,
): { startDateTime: string; endDateTime: string } {
  const [first, last] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  const start =
    given.startDateTime == null ? Math.max(first, seconds(now)) : Date.parse(given.startDateTime);
  const year = new Date(start);
  year.setUTCFullYear(year.getUTCFullYear() + 1);
  const end =
    given.endDateTime == null ? Math.min(last, year.getTime()) : Date.parse(given.endDateTime);
  if (start < first) throw invalidKeyDate('Start');
  const latest = rules.keyEndDate() === 'year' ? Math.min(last, year.getTime()) : last;
  if (end > latest || end <= start || end <= now.getTime()) throw invalidKeyDate('End');
  return { startDateTime: toDateTime(start), endDateTime: toDateTime(end) };
}

function seconds(date: Date): number {
  return Math.floor(date.getTime() / 1000) * 1000;
}

function toDateTime(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

function sameInstant(given: string, stored: string): boolean {
  return Date.parse(given) === Date.parse(stored);
}

function sameText(left: string, right: string | null | undefined): boolean {
  return left.toLowerCase() === right?.toLowerCase();
}

function isEmpty(text: string | null | undefined): text is '' | null | undefined {
  return text === null || text === undefined || text === '';
}

/** Thrown when the text is no Edm.Binary, which is base64 or base64url: AzureFault 400. */
function toBase64(text: string): string {
  const plain = text.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/_-]*={0,2}$/.test(plain))
    return Buffer.from(plain, 'base64').toString('base64');
  throw badRequest("Cannot convert the literal to the expected type 'Edm.Binary'.");
}
