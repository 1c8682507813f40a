import * as z from 'zod';
import type { CleanupPolicy } from './domain/cleanup.ts';
import { parseConsent, type ConsentRule } from './domain/consent.ts';
import type { KeyCare } from './domain/key-care.ts';
import { NO_VAULT } from './domain/source.ts';
import type { OnSuspect } from './domain/suspect.ts';
import { readMetrics, type MetricsSettings } from './metrics/settings.ts';
import { readNotify, type NotifySettings } from './notify-settings.ts';

/** A vault or service under care: its ARM id and its name, lower case. */
export interface CaredFor {
  readonly id: string;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly name: string;
}

/** Where a cloud's services live. */
export interface Cloud {
  readonly vaultSuffix: string;
  readonly managementUrl: string;
  readonly managementScope: string;
  readonly storageSuffix: string;
  readonly graphUrl: string;
  readonly loginUrl: string;
  /** Of the classic Service Management API. */
  readonly classicUrl: string;
}

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
  readonly consent: readonly ConsentRule[];
  readonly auth: Auth;
  readonly cloud: Cloud;
  /** What to do about a version that does not look like the one before it. */
  readonly onSuspect: OnSuspect;
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
  /** How many days before it expires a certificate is found by an audit; the most first. */
  readonly expiryDays: readonly number[];
  readonly storage:
    | { readonly kind: 'connection-string'; readonly connectionString: string }
    | { readonly kind: 'identity'; readonly tableUrl: string; readonly blobUrl: string };
  /** `http://127.0.0.1:7072`: a simulated Azure on this machine; never set in Azure. */
  readonly localAzure: string | undefined;
}

/** Thrown when settings are missing or bad; names every one of them, never a value. */
export class ConfigError extends Error {
  readonly settings: readonly { readonly name: string; readonly problem: string }[];
  constructor(settings: readonly { readonly name: string; readonly problem: string }[]) {
    const lines = settings.map(({ name, problem }) => `  ${name}: ${problem}`);
    super(['Certkeeper cannot start; these settings need attention:', ...lines].join('\n'));
    this.name = 'ConfigError';
    this.settings = settings;
  }
}

const CLOUDS = {
  AzureCloud: {
    vaultSuffix: 'vault.azure.net',
    managementUrl: 'https://management.azure.com',
    managementScope: 'https://management.azure.com/.default',
    storageSuffix: 'core.windows.net',
    graphUrl: 'https://graph.microsoft.com',
    loginUrl: 'https://login.microsoftonline.com',
    classicUrl: 'https://management.core.windows.net',
  },
  AzureUSGovernment: {
    vaultSuffix: 'vault.usgovcloudapi.net',
    managementUrl: 'https://management.usgovcloudapi.net',
    managementScope: 'https://management.usgovcloudapi.net/.default',
    storageSuffix: 'core.usgovcloudapi.net',
    graphUrl: 'https://graph.microsoft.us',
    loginUrl: 'https://login.microsoftonline.us',
    classicUrl: 'https://management.core.usgovcloudapi.net',
  },
  AzureChinaCloud: {
    vaultSuffix: 'vault.azure.cn',
    managementUrl: 'https://management.chinacloudapi.cn',
    managementScope: 'https://management.chinacloudapi.cn/.default',
    storageSuffix: 'core.chinacloudapi.cn',
    graphUrl: 'https://microsoftgraph.chinacloudapi.cn',
    loginUrl: 'https://login.partner.microsoftonline.cn',
    classicUrl: 'https://management.core.chinacloudapi.cn',
  },
} as const satisfies Record<string, Cloud>;

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const RESOURCE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/([^/]+\/[^/]+)\/([^/]+)$/i;

const SHORTEST_GRACE_SECONDS = 900;
const SHORTEST_KEEP_SECONDS = 86_400;

/** Settings left empty count as not set: that is what a portal makes of a cleared field. */
const setting = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess(
    (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
    schema,
  );

const environmentSchema = z.object({
  CERTKEEPER_VAULTS: setting(resourceIds('Microsoft.KeyVault/vaults')),
  CERTKEEPER_SERVICES: setting(resourceIds('Microsoft.ApiManagement/service')),
  CERTKEEPER_ALLOW: setting(z.string().default('').transform(toRules)),
  CERTKEEPER_AUTH: setting(
    z
      .enum(['entra', 'function-key'], { error: 'must be entra or function-key' })
      .default('function-key'),
  ),
  CERTKEEPER_CLOUD: setting(
    z
      .enum(['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'], {
        error: 'must be AzureCloud, AzureUSGovernment or AzureChinaCloud',
      })
      .default('AzureCloud'),
  ),
  CERTKEEPER_ON_SUSPECT: setting(
    z.enum(['warn', 'hold'], { error: 'must be warn or hold' }).default('warn'),
  ),
  CERTKEEPER_GRANT_ACCESS: setting(
    z.enum(['never', 'auto'], { error: 'must be never or auto' }).default('never'),
  ),
  CERTKEEPER_CLEANUP: setting(
    z.enum(['report', 'remove'], { error: 'must be report or remove' }).default('report'),
  ),
  CERTKEEPER_CLEANUP_GRACE: setting(duration('7d')),
  CERTKEEPER_CLEANUP_AFTER_RECOVERY: setting(flag()),
  CERTKEEPER_CLEANUP_DISCOVERED: setting(flag()),
  CERTKEEPER_CLEANUP_MAX_SHARE: setting(
    z
      .string()
      .regex(/^(100|[1-9]?[0-9])%$/, { error: 'must be a share such as 25%' })
      .default('25%')
      .transform((text) => Number.parseInt(text, 10) / 100),
  ),
  CERTKEEPER_REPAIR_REFERENCES: setting(
    z.enum(['report', 'repair'], { error: 'must be report or repair' }).default('report'),
  ),
  CERTKEEPER_HOLD_IF_BREAKING: setting(flag()),
  CERTKEEPER_USAGE_MAX_AGE: setting(duration('1h')),
  CERTKEEPER_APPLICATIONS: setting(guids()),
  CERTKEEPER_KEY_OVERLAP: setting(duration('7d')),
  CERTKEEPER_CLASSIC: setting(flag()),
  CERTKEEPER_CLASSIC_SUBSCRIPTIONS: setting(guids()),
  CERTKEEPER_CA_OVERLAP: setting(duration('30d')),
  CERTKEEPER_CA_DOWNTIME: setting(
    z.enum(['ask', 'accept'], { error: 'must be ask or accept' }).default('ask'),
  ),
  CERTKEEPER_EVENTS_TOPIC: setting(
    z.string().refine(isHttpsUrl, { error: 'must be an https address' }).optional(),
  ),
  CERTKEEPER_SWEEP_SCHEDULE: setting(schedule('0 */30 * * * *')),
  CERTKEEPER_AUDIT_SCHEDULE: setting(schedule('0 0 5 * * *')),
  CERTKEEPER_AUDIT_KEEP: setting(
    duration('90d').refine((seconds) => seconds >= SHORTEST_KEEP_SECONDS, {
      error: 'must be 1d at least',
    }),
  ),
  CERTKEEPER_EXPIRY_DAYS: setting(days('30,14,7')),
  CERTKEEPER_LOCAL_AZURE: setting(
    z
      .string()
      .refine(isLoopbackUrl, {
        error: 'must be an http address on this machine (127.0.0.1 or localhost)',
      })
      .optional(),
  ),
  AZURE_CLIENT_ID: setting(z.guid({ error: 'must be a GUID' }).optional()),
  AzureWebJobsStorage: setting(z.string().optional()),
  AzureWebJobsStorage__tableServiceUri: setting(
    z.string().refine(isHttpsUrl, { error: 'must be an https address' }).optional(),
  ),
  AzureWebJobsStorage__blobServiceUri: setting(
    z.string().refine(isHttpsUrl, { error: 'must be an https address' }).optional(),
  ),
  AzureWebJobsStorage__accountName: setting(
    z
      .string()
      .regex(/^[a-z0-9]{3,24}$/, { error: 'must be a storage account name' })
      .optional(),
  ),
});

/**
 * Reads the settings once, at start.
 * Thrown when any is missing or bad: ConfigError, which lists them all.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const read = environmentSchema.safeParse(environment);
  const bad = read.success
    ? []
    : read.error.issues.map((issue) => ({
        name: String(issue.path[0] ?? 'settings'),
        problem: issue.message,
      }));
  if (!hasStorage(environment)) {
    bad.push({
      name: 'AzureWebJobsStorage',
      problem:
        'is missing (or AzureWebJobsStorage__accountName or AzureWebJobsStorage__tableServiceUri for identity-based access)',
    });
  }
  if (
    isSet(environment['AzureWebJobsStorage__tableServiceUri']) &&
    !isSet(environment['AzureWebJobsStorage__blobServiceUri']) &&
    !isSet(environment['AzureWebJobsStorage__accountName'])
  ) {
    bad.push({
      name: 'AzureWebJobsStorage__blobServiceUri',
      problem: 'is missing beside AzureWebJobsStorage__tableServiceUri',
    });
  }
  // On Azure the platform sets WEBSITE_SITE_NAME: there a simulated Azure must be impossible.
  if (isSet(environment['CERTKEEPER_LOCAL_AZURE']) && isSet(environment['WEBSITE_SITE_NAME'])) {
    bad.push({ name: 'CERTKEEPER_LOCAL_AZURE', problem: 'must not be set on Azure' });
  }
  // So long may a certificate that is deleted or recovered at this moment have no trace in its vault.
  const grace = environmentSchema.shape.CERTKEEPER_CLEANUP_GRACE.safeParse(
    environment['CERTKEEPER_CLEANUP_GRACE'],
  );
  const isShort = grace.success && grace.data < SHORTEST_GRACE_SECONDS;
  // Nothing is lost where Azure is simulated, and nobody wants to wait there.
  if (isShort && !isSet(environment['CERTKEEPER_LOCAL_AZURE'])) {
    bad.push({ name: 'CERTKEEPER_CLEANUP_GRACE', problem: 'must be 15m at least' });
  }
  const { notify, problems } = readNotify(environment);
  bad.push(...problems);
  if (!read.success || bad.length > 0) throw new ConfigError(bad);

  const values = read.data;
  return {
    vaults: values.CERTKEEPER_VAULTS,
    services: values.CERTKEEPER_SERVICES,
    consent: values.CERTKEEPER_ALLOW,
    auth:
      values.CERTKEEPER_AUTH === 'entra'
        ? { mode: 'entra', inFront: isAuthenticationOn(environment) }
        : { mode: 'function-key' },
    cloud: CLOUDS[values.CERTKEEPER_CLOUD],
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
    expiryDays: values.CERTKEEPER_EXPIRY_DAYS,
    storage: toStorage(values, CLOUDS[values.CERTKEEPER_CLOUD]),
    localAzure: values.CERTKEEPER_LOCAL_AZURE?.replace(/\/+$/, ''),
  };
}

/**
 * App Service sets it when its authentication is on
 * (https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization).
 * Where a plan should not set it, nobody gets in: that is the safe way to be wrong.
 */
function isAuthenticationOn(environment: Readonly<Record<string, string | undefined>>): boolean {
  return environment['WEBSITE_AUTH_ENABLED']?.trim().toLowerCase() === 'true';
}

/** The platform sets it to the app's own host name. */
function publicUrlOf(host = ''): string | undefined {
  return /^[a-z0-9.-]{1,253}$/i.test(host) ? `https://${host.toLowerCase()}` : undefined;
}

const STORAGE_SETTINGS = [
  'AzureWebJobsStorage',
  'AzureWebJobsStorage__tableServiceUri',
  'AzureWebJobsStorage__accountName',
] as const;

function hasStorage(environment: Readonly<Record<string, string | undefined>>): boolean {
  return STORAGE_SETTINGS.some((name) => isSet(environment[name]));
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== '';
}

function toStorage(
  values: {
    AzureWebJobsStorage?: string | undefined;
    AzureWebJobsStorage__tableServiceUri?: string | undefined;
    AzureWebJobsStorage__blobServiceUri?: string | undefined;
    AzureWebJobsStorage__accountName?: string | undefined;
  },
  cloud: Cloud,
): Config['storage'] {
  const at = (given: string | undefined, service: 'table' | 'blob'): string | undefined =>
    given ??
    (values.AzureWebJobsStorage__accountName === undefined
      ? undefined
      : `https://${values.AzureWebJobsStorage__accountName}.${service}.${cloud.storageSuffix}`);
  const tableUrl = at(values.AzureWebJobsStorage__tableServiceUri, 'table');
  const blobUrl = at(values.AzureWebJobsStorage__blobServiceUri, 'blob');
  return tableUrl === undefined
    ? { kind: 'connection-string', connectionString: values.AzureWebJobsStorage ?? '' }
    : { kind: 'identity', tableUrl, blobUrl: blobUrl ?? '' };
}

/** `90s`, `30m`, `12h`, `7d`; answers seconds. */
function duration(standard: string) {
  return z
    .string()
    .regex(/^\d{1,6}\s*[smhd]$/i, { error: 'must be a time such as 90s, 30m, 12h or 7d' })
    .default(standard)
    .transform(
      (text) => Number.parseInt(text, 10) * (SECONDS_IN[text.slice(-1).toLowerCase()] ?? 1),
    );
}

const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

function schedule(standard: string) {
  return z
    .string()
    .regex(/^\S+(\s+\S+){5}$/, {
      error: 'must be a schedule of six fields (second minute hour day month weekday)',
    })
    .default(standard);
}

/** Up to five numbers of days; answers each once, the greatest first. */
function days(standard: string) {
  return z
    .string()
    .regex(/^\s*[1-9]\d{0,2}\s*(,\s*[1-9]\d{0,2}\s*){0,4}$/, {
      error: 'must be one to five numbers of days with commas, such as 30,14,7',
    })
    .default(standard)
    .transform((text): readonly number[] =>
      [...new Set(text.split(',').map(Number))].sort((a, b) => b - a),
    );
}

function flag() {
  return z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true');
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A comma-separated list, lower case, each once. */
function guids() {
  return z
    .string()
    .default('')
    .transform((text, context): readonly string[] => {
      const parts = text
        .split(',')
        .map((part) => part.trim().toLowerCase())
        .filter((part) => part !== '');
      for (const [index, part] of parts.entries()) {
        if (!GUID.test(part)) context.addIssue(`entry ${String(index + 1)} is no GUID`);
      }
      return [...new Set(parts)];
    });
}

function resourceIds(type: string) {
  const missing = `is missing: a comma-separated list of resource ids of ${type}`;
  return z.string({ error: missing }).transform((text, context): readonly CaredFor[] => {
    const parts = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
    if (parts.length === 0) context.addIssue(missing);
    const found: CaredFor[] = [];
    for (const [index, part] of parts.entries()) {
      const where = `entry ${String(index + 1)}`;
      const one = toCaredFor(part, type, found.at(-1));
      if (one === undefined) {
        context.addIssue(`${where} is no resource id of ${type}, nor a name after one`);
      } else if (one.name === NO_VAULT) {
        context.addIssue(`${where} is named ${NO_VAULT}, which stands for no vault at all`);
      } else if (found.some(({ name }) => name === one.name)) {
        context.addIssue(`${where} has the same name as an earlier one`);
      } else {
        found.push(one);
      }
    }
    return found;
  });
}

/** A name alone stands beside the resource before it: a large fleet fits into one setting. */
function toCaredFor(
  text: string,
  type: string,
  before: CaredFor | undefined,
): CaredFor | undefined {
  if (!text.includes('/')) {
    if (before === undefined || !/^[a-z][a-z0-9-]*$/i.test(text)) return undefined;
    const id = `${before.id.slice(0, before.id.lastIndexOf('/'))}/${text}`;
    return { ...before, id, name: text.toLowerCase() };
  }
  const [, subscriptionId, resourceGroup, kind, name] = RESOURCE_ID.exec(text) ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) {
    return undefined;
  }
  if (kind?.toLowerCase() !== type.toLowerCase()) return undefined;
  return { id: text, subscriptionId, resourceGroup, name: name.toLowerCase() };
}

function toRules(text: string, context: z.RefinementCtx): readonly ConsentRule[] {
  const { rules, errors } = parseConsent(text);
  for (const error of errors) context.addIssue(error);
  return rules;
}

function isHttpsUrl(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:';
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && LOOPBACK.has(url.hostname) && url.pathname === '/';
}
