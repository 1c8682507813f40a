/** Certificate policies: what a request says, what is filled in, what is answered. */
import { z } from 'zod';
import type { CertificateFacts } from '../certificates/certificate.ts';
import { KEY_USAGES, NO_NAMES, type CertificateUse } from '../certificates/extensions.ts';
import type { KeyKind } from '../certificates/key-pair.ts';
import { badParameter } from './faults.ts';

export const PKCS12 = 'application/x-pkcs12';
export const PEM = 'application/x-pem-file';

const nullable = <Schema extends z.ZodType>(schema: Schema) =>
  schema.nullish().transform((value) => value ?? undefined);
const texts = nullable(z.array(z.string()));

/** A policy as requests carry it (API specification, `CertificatePolicy`). */
export const policyInput = z.looseObject({
  key_props: nullable(
    z.looseObject({
      exportable: nullable(z.boolean()),
      kty: nullable(z.string()),
      key_size: nullable(z.int()),
      reuse_key: nullable(z.boolean()),
      crv: nullable(z.string()),
    }),
  ),
  secret_props: nullable(z.looseObject({ contentType: nullable(z.string()) })),
  x509_props: nullable(
    z.looseObject({
      subject: nullable(z.string()),
      ekus: texts,
      sans: nullable(
        z.looseObject({
          emails: texts,
          dns_names: texts,
          upns: texts,
          uris: texts,
          ipAddresses: texts,
        }),
      ),
      key_usage: texts,
      validity_months: nullable(z.int().min(1).max(1200)),
    }),
  ),
  lifetime_actions: nullable(
    z.array(
      z.looseObject({
        trigger: nullable(
          z.looseObject({
            lifetime_percentage: nullable(z.int().min(1).max(99)),
            days_before_expiry: nullable(z.int().min(1)),
          }),
        ),
        action: nullable(z.looseObject({ action_type: nullable(z.string()) })),
      }),
    ),
  ),
  issuer: nullable(z.looseObject({ name: nullable(z.string()), cty: nullable(z.string()) })),
  attributes: nullable(z.looseObject({ enabled: nullable(z.boolean()) })),
});
export type PolicyInput = z.output<typeof policyInput>;

/** A policy as it is kept: complete. */
export interface Policy {
  readonly exportable: boolean;
  readonly key: KeyKind;
  readonly reuseKey: boolean;
  readonly contentType: string;
  readonly subject: string;
  readonly use: CertificateUse;
  readonly validityMonths: number;
  readonly lifetimeActions: readonly {
    readonly percentage?: number;
    readonly daysBeforeExpiry?: number;
    readonly action: string;
  }[];
  readonly issuer: string;
  readonly enabled: boolean;
  readonly created: number;
  readonly updated: number;
}

/**
 * Fills a request's policy up from the one before, or from the service's defaults (the answers in
 * the API specification's examples).
 *
 * Thrown when a value is not one that the service takes: AzureFault 400.
 */
export function completePolicy(
  input: PolicyInput | undefined,
  before: Policy | undefined,
  now: number,
): Policy {
  const x509 = input?.x509_props;
  const issuer = input?.issuer?.name ?? before?.issuer ?? 'Unknown';
  const contentType = input?.secret_props?.contentType ?? before?.contentType ?? PKCS12;
  if (contentType !== PKCS12 && contentType !== PEM) {
    throw badParameter(
      `Property policy.secret_props.contentType has invalid value '${contentType}'`,
    );
  }
  const usages = x509?.key_usage ?? before?.use.usages ?? ['digitalSignature', 'keyEncipherment'];
  const unknown = usages.find((usage) => !KEY_USAGES.includes(usage));
  if (unknown !== undefined) {
    throw badParameter(`Property policy.x509_props.key_usage has invalid value '${unknown}'`);
  }
  return {
    exportable: input?.key_props?.exportable ?? before?.exportable ?? true,
    key: completeKey(input, before),
    reuseKey: input?.key_props?.reuse_key ?? before?.reuseKey ?? false,
    contentType,
    subject: x509?.subject ?? before?.subject ?? '',
    use: {
      usages,
      extendedUsages: x509?.ekus ??
        before?.use.extendedUsages ?? ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
      names:
        x509?.sans === undefined
          ? (before?.use.names ?? NO_NAMES)
          : {
              dnsNames: x509.sans.dns_names ?? [],
              emails: x509.sans.emails ?? [],
              upns: x509.sans.upns ?? [],
              uris: x509.sans.uris ?? [],
              ipAddresses: x509.sans.ipAddresses ?? [],
            },
    },
    validityMonths: x509?.validity_months ?? before?.validityMonths ?? 12,
    lifetimeActions: completeActions(input, before, issuer),
    issuer,
    enabled: input?.attributes?.enabled ?? before?.enabled ?? true,
    created: before?.created ?? now,
    updated: now,
  };
}

/** The policy of an imported certificate: its own facts, and what the request says besides. */
export function policyOfImport(
  facts: CertificateFacts,
  key: KeyKind,
  input: PolicyInput | undefined,
  before: Policy | undefined,
  contentType: string,
  now: number,
): Policy {
  const asked = completePolicy(input, before, now);
  const months = Math.round(
    (facts.notAfter.getTime() - facts.notBefore.getTime()) / (1000 * 86_400 * (365.25 / 12)),
  );
  return {
    ...asked,
    key,
    contentType,
    subject: facts.subject,
    use: facts.use,
    validityMonths: Math.max(months, 1),
    issuer: input?.issuer?.name ?? 'Unknown',
  };
}

/** As the service answers it (API specification, `CertificatePolicy`). */
export function showPolicy(policy: Policy, certificateId: string): Record<string, unknown> {
  const { names, usages, extendedUsages } = policy.use;
  const sans = {
    ...(names.emails.length > 0 && { emails: names.emails }),
    ...(names.dnsNames.length > 0 && { dns_names: names.dnsNames }),
    ...(names.upns.length > 0 && { upns: names.upns }),
    ...(names.uris.length > 0 && { uris: names.uris }),
    ...(names.ipAddresses.length > 0 && { ipAddresses: names.ipAddresses }),
  };
  return {
    id: `${certificateId}/policy`,
    key_props: {
      exportable: policy.exportable,
      kty: policy.key.kty,
      ...(policy.key.kty === 'RSA'
        ? { key_size: policy.key.keySize }
        : { key_size: CURVE_BITS[policy.key.curve], crv: policy.key.curve }),
      reuse_key: policy.reuseKey,
    },
    secret_props: { contentType: policy.contentType },
    x509_props: {
      subject: policy.subject,
      ...(Object.keys(sans).length > 0 && { sans }),
      ekus: extendedUsages,
      key_usage: usages,
      validity_months: policy.validityMonths,
    },
    lifetime_actions: policy.lifetimeActions.map(({ percentage, daysBeforeExpiry, action }) => ({
      trigger: {
        ...(percentage !== undefined && { lifetime_percentage: percentage }),
        ...(daysBeforeExpiry !== undefined && { days_before_expiry: daysBeforeExpiry }),
      },
      action: { action_type: action },
    })),
    issuer: { name: policy.issuer },
    attributes: { enabled: policy.enabled, created: policy.created, updated: policy.updated },
  };
}

const CURVE_BITS: Readonly<Record<string, number>> = {
  'P-256': 256,
  'P-384': 384,
  'P-521': 521,
  'P-256K': 256,
};
const RSA_SIZES = [2048, 3072, 4096];

/** HSM keys are kept in software here: no answer of the service shows the difference. */
function completeKey(input: PolicyInput | undefined, before: Policy | undefined): KeyKind {
  const asked = input?.key_props;
  const kty = asked?.kty?.replace(/-HSM$/, '') ?? before?.key.kty ?? 'RSA';
  if (kty === 'RSA') {
    const standing = before?.key.kty === 'RSA' ? before.key.keySize : 2048;
    const keySize = asked?.key_size ?? standing;
    if (!RSA_SIZES.includes(keySize)) {
      throw badParameter(`Property policy.key_props.key_size has invalid value ${keySize}`);
    }
    return { kty, keySize };
  }
  if (kty === 'EC') {
    const standing = before?.key.kty === 'EC' ? before.key.curve : 'P-256';
    const curve = asked?.crv ?? standing;
    if (!(curve in CURVE_BITS)) {
      throw badParameter(`Property policy.key_props.crv has invalid value '${curve}'`);
    }
    return { kty, curve };
  }
  throw badParameter(`Property policy.key_props.kty has invalid value '${kty}'`);
}

function completeActions(
  input: PolicyInput | undefined,
  before: Policy | undefined,
  issuer: string,
): Policy['lifetimeActions'] {
  const standard = [{ percentage: 80, action: issuer === 'Self' ? 'AutoRenew' : 'EmailContacts' }];
  if (input?.lifetime_actions === undefined) return before?.lifetimeActions ?? standard;
  return input.lifetime_actions.map(({ trigger, action }) => ({
    ...(trigger?.lifetime_percentage !== undefined && { percentage: trigger.lifetime_percentage }),
    ...(trigger?.days_before_expiry !== undefined && {
      daysBeforeExpiry: trigger.days_before_expiry,
    }),
    action: action?.action_type ?? 'EmailContacts',
  }));
}
