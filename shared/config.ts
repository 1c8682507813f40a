import type { CaredFor } from './config/cared-for.ts';
import type { Cloud } from './config/clouds.ts';
import { ConfigError } from './config/config-error.ts';
import { environmentSchema } from './config/environment.ts';
import { findContradictions, type Environment } from './config/contradictions.ts';
import { toStorage, type StorageSettings } from './config/storage.ts';
import type { CleanupPolicy } from './domain/cleanup.ts';
import type { ConsentRule } from './domain/consent.ts';
import type { KeyCare } from './domain/key-care.ts';
import type { SuspectPolicy } from './domain/suspect-policy.ts';
import { readMetrics, type MetricsSettings } from './metrics/settings.ts';
import { readNotify, type NotifySettings } from './config/notify.ts';

/** How callers of the HTTP API are known. */
export type Auth =
  /** By a function key; nobody has a name. */
  | { readonly mode: 'function-key' }
  /** By the platform's authentication; `inFront` = the platform says that it is on. */
  | { readonly mode: 'entra'; readonly inFront: boolean };

/** Everything Certkeeper reads from its environment. */
export interface Config {
  readonly vaults: readonly CaredFor[];
  readonly services: readonly CaredFor[];
  /** What this installation is called; absent = by an id that is made once. */
  readonly installation: string | undefined;
  readonly consent: readonly ConsentRule[];
  readonly auth: Auth;
  readonly cloud: Cloud;
  /** What to do about a version that does not look like the one before it. */
  readonly onSuspect: SuspectPolicy;
  /** Whether a service is given by itself what it lacks to read a vault. */
  readonly grantAccess: 'never' | 'auto';
  /** What becomes of targets whose source was deleted. */
  readonly cleanup: CleanupPolicy;
  /** What becomes of references by thumbprint that a rotation would break. */
  readonly repairReferences: 'report' | 'repair';
  /** Whether a rotation that would break references waits until somebody approves it. */
  readonly holdIfBreaking: boolean;
  /** How old the index of what uses certificates may become before a sweep brings it up to date. */
  readonly usageMaxAgeSeconds: number;
  /** Where the public keys of automation may be registered. */
  readonly keyCare: KeyCare;
  /** How long an older key stays beside the one that replaces it. */
  readonly keyOverlapSeconds: number;
  /** How long a CA certificate stays after another version of its source took its place. */
  readonly caOverlapSeconds: number;
  /** Whether the update of a service of one unit, which means downtime, has to be accepted each time. */
  readonly caDowntime: 'ask' | 'accept';
  /** Client id of Certkeeper's own user-assigned identity; absent = its system-assigned one. */
  readonly clientId: string | undefined;
  /** The custom topic's endpoint; absent = nothing is published. */
  readonly eventsTopic: string | undefined;
  /** Who is told of what. */
  readonly notify: NotifySettings;
  /** Where measurements go; absent = nothing is measured. */
  readonly metrics: MetricsSettings | undefined;
  /** Where the app is reached, without a slash at its end; absent where the platform does not say. */
  readonly publicUrl: string | undefined;
  /** NCRONTAB, six fields. */
  readonly sweepSchedule: string;
  /** NCRONTAB, six fields. */
  readonly auditSchedule: string;
  /** How long the reports of audits are kept. */
  readonly auditKeepSeconds: number;
  /** How long orchestrations are kept, counted from their beginning, once they have ended. */
  readonly historyKeepSeconds: number;
  /** How many days before it expires a certificate is found by an audit; the most first. */
  readonly expiryDays: readonly number[];
  readonly storage: StorageSettings;
  /** `http://127.0.0.1:7072`: a simulated Azure on this machine; never set in Azure. */
  readonly localAzure: string | undefined;
}

/**
 * Reads the settings once, at start.
 * Thrown when any is missing or bad: ConfigError, which lists them all.
 */
export function readConfig(environment: Environment): Config {
  const read = environmentSchema.safeParse(environment);
  const bad = read.success
    ? []
    : read.error.issues.map((issue) => ({
        name: String(issue.path[0] ?? 'settings'),
        problem: issue.message,
      }));
  bad.push(...findContradictions(environment));
  const { notify, problems } = readNotify(environment);
  bad.push(...problems);
  if (!read.success || bad.length > 0) throw new ConfigError(bad);

  const values = read.data;
  return {
    vaults: values.CERTKEEPER_VAULTS,
    services: values.CERTKEEPER_SERVICES,
    installation: values.CERTKEEPER_INSTALLATION,
    consent: values.CERTKEEPER_ALLOW,
    auth:
      values.CERTKEEPER_AUTH === 'entra'
        ? { mode: 'entra', inFront: isAuthenticationOn(environment) }
        : { mode: 'function-key' },
    cloud: values.CERTKEEPER_CLOUD,
    onSuspect: values.CERTKEEPER_ON_SUSPECT,
    grantAccess: values.CERTKEEPER_GRANT_ACCESS,
    cleanup: {
      mode: values.CERTKEEPER_CLEANUP,
      graceSeconds: values.CERTKEEPER_CLEANUP_GRACE,
      afterRecovery: values.CERTKEEPER_CLEANUP_AFTER_RECOVERY,
      discovered: values.CERTKEEPER_CLEANUP_DISCOVERED,
      maxShare: values.CERTKEEPER_CLEANUP_MAX_SHARE,
    },
    repairReferences: values.CERTKEEPER_REPAIR_REFERENCES,
    holdIfBreaking: values.CERTKEEPER_HOLD_IF_BREAKING,
    usageMaxAgeSeconds: values.CERTKEEPER_USAGE_MAX_AGE,
    keyCare: {
      applications: new Set(values.CERTKEEPER_APPLICATIONS),
      classicSubscriptions: values.CERTKEEPER_CLASSIC
        ? new Set(values.CERTKEEPER_CLASSIC_SUBSCRIPTIONS)
        : undefined,
    },
    keyOverlapSeconds: values.CERTKEEPER_KEY_OVERLAP,
    caOverlapSeconds: values.CERTKEEPER_CA_OVERLAP,
    caDowntime: values.CERTKEEPER_CA_DOWNTIME,
    clientId: values.AZURE_CLIENT_ID,
    eventsTopic: values.CERTKEEPER_EVENTS_TOPIC,
    notify,
    metrics: readMetrics(environment),
    publicUrl: publicUrlOf(environment['WEBSITE_HOSTNAME']),
    sweepSchedule: values.CERTKEEPER_SWEEP_SCHEDULE,
    auditSchedule: values.CERTKEEPER_AUDIT_SCHEDULE,
    auditKeepSeconds: values.CERTKEEPER_AUDIT_KEEP,
    historyKeepSeconds: values.CERTKEEPER_HISTORY_KEEP,
    expiryDays: values.CERTKEEPER_EXPIRY_DAYS,
    storage: toStorage(values, values.CERTKEEPER_CLOUD),
    localAzure: values.CERTKEEPER_LOCAL_AZURE?.replace(/\/+$/, ''),
  };
}

/**
 * App Service sets it when its authentication is on
 * (https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization).
 * Where a plan should not set it, nobody gets in: that is the safe way to be wrong.
 */
function isAuthenticationOn(environment: Environment): boolean {
  return environment['WEBSITE_AUTH_ENABLED']?.trim().toLowerCase() === 'true';
}

/** The platform sets it to the app's own host name. */
function publicUrlOf(host = ''): string | undefined {
  return /^[a-z0-9.-]{1,253}$/i.test(host) ? `https://${host.toLowerCase()}` : undefined;
}
