import * as z from 'zod';
import { parseConsent, type ConsentRule } from '../domain/consent.ts';
import { INSTALLATION_ID } from '../domain/installation.ts';
import { parseSuspectPolicy, type SuspectPolicy } from '../domain/suspect-policy.ts';
import { resourceIds } from './cared-for.ts';
import { CLOUDS } from './clouds.ts';
import {
  days,
  duration,
  flag,
  guids,
  httpsUrl,
  loopbackUrl,
  oneOf,
  schedule,
  setting,
} from './values.ts';

const SHORTEST_KEEP_SECONDS = 86_400;

/**
 * The settings that this schema reads, each with its meaning for those who set it. The settings of
 * notifications and metrics have readers of their own; `settings-table.ts` has all of them.
 */
export const environmentSchema = z.object({
  CERTKEEPER_VAULTS: setting(
    resourceIds('Microsoft.KeyVault/vaults'),
    'resource ids of the vaults under care, comma-separated',
  ),
  CERTKEEPER_SERVICES: setting(
    resourceIds('Microsoft.ApiManagement/service'),
    'resource ids of the API Management services under care, comma-separated',
  ),
  CERTKEEPER_INSTALLATION: setting(
    z
      .string()
      .regex(INSTALLATION_ID, { error: 'must be up to 60 letters, digits and hyphens' })
      .optional(),
    'what this installation is called where [several have one service under care](docs/deploy.md#two-installations-over-one-service). Default: an id that is made once',
  ),
  CERTKEEPER_ALLOW: setting(
    z.string().default('').transform(toRules),
    'who may be bound to what, see [who allows it](docs/using.md#who-allows-it). Default: nobody',
  ),
  CERTKEEPER_GRANT_ACCESS: setting(
    oneOf(['never', 'auto'], 'never'),
    '`auto` gives a service what it lacks to read a vault, for pairs that `CERTKEEPER_ALLOW` allows; `never` (default) only says what is missing',
  ),
  CERTKEEPER_AUTH: setting(
    oneOf(['entra', 'function-key'], 'function-key'),
    'how callers of the HTTP API are known: `function-key` (default) or `entra`, see [HTTP API](docs/http-api.md#who-may)',
  ),
  CERTKEEPER_SWEEP_SCHEDULE: setting(
    schedule('0 */30 * * * *'),
    'when to look at everything: six fields, second first. Default `0 */30 * * * *`',
  ),
  CERTKEEPER_AUDIT_SCHEDULE: setting(
    schedule('0 0 5 * * *'),
    'when to [audit](docs/http-api.md#audits): six fields, second first. Default `0 0 5 * * *`',
  ),
  CERTKEEPER_AUDIT_KEEP: setting(
    duration('90d').refine((seconds) => seconds >= SHORTEST_KEEP_SECONDS, {
      error: 'must be 1d at least',
    }),
    'how long reports are kept: `90d` (default), `1d` at least',
  ),
  CERTKEEPER_HISTORY_KEEP: setting(
    duration('30d').refine((seconds) => seconds >= SHORTEST_KEEP_SECONDS, {
      error: 'must be 1d at least',
    }),
    'how long operations can be looked up after they began: `30d` (default), `1d` at least',
  ),
  CERTKEEPER_EXPIRY_DAYS: setting(
    days('30,14,7'),
    'how many days before it expires a certificate is found, one to five numbers: `30,14,7` (default)',
  ),
  CERTKEEPER_ON_SUSPECT: setting(
    z.string().default('warn').transform(toSuspectPolicy),
    'what to do about a version that does not look like the one before it: `warn` (default) names it, `hold` leaves the targets as they are until it is approved; for some, `warn; contoso-kv/* => hold`',
  ),
  CERTKEEPER_CLEANUP: setting(
    oneOf(['report', 'remove'], 'report'),
    'what becomes of targets whose certificate was deleted: `report` (default) says it, `remove` removes them after their grace, see [cleaning up](docs/http-api.md#cleaning-up)',
  ),
  CERTKEEPER_CLEANUP_GRACE: setting(
    duration('7d'),
    'how long after a certificate was first seen deleted: `7d` (default), `15m` at least',
  ),
  CERTKEEPER_CLEANUP_AFTER_RECOVERY: setting(
    flag(),
    '`true`: not before the vault can no longer recover it. Default `false`',
  ),
  CERTKEEPER_CLEANUP_DISCOVERED: setting(
    flag(),
    '`true`: also what somebody else attached and Certkeeper only found. Default `false`',
  ),
  CERTKEEPER_CLEANUP_MAX_SHARE: setting(
    z
      .string()
      .regex(/^(100|[1-9]?[0-9])%$/, { error: 'must be a share such as 25%' })
      .default('25%')
      .transform((text) => Number.parseInt(text, 10) / 100),
    "the share of a service's certificates that may go within a day before it is doubted: `25%` (default)",
  ),
  CERTKEEPER_USAGE_MAX_AGE: setting(
    duration('1h'),
    'how old the index of what uses certificates may become before a sweep reads it again: `1h` (default)',
  ),
  CERTKEEPER_CA_OVERLAP: setting(
    duration('30d'),
    'how long a CA certificate stays in a service after its source in Key Vault has a new version: `30d` (default), `0s` for not at all',
  ),
  CERTKEEPER_CA_DOWNTIME: setting(
    oneOf(['ask', 'accept'], 'ask'),
    '`accept`: CA certificates of services of the Developer tier are updated without asking each time, which is downtime; `ask` (default)',
  ),
  CERTKEEPER_REPAIR_REFERENCES: setting(
    oneOf(['report', 'repair'], 'report'),
    'what to do about references by thumbprint that a rotation breaks: `report` (default) names them, `repair` makes them refer by the id before',
  ),
  CERTKEEPER_HOLD_IF_BREAKING: setting(
    flag(),
    '`true`: a rotation that would break references waits until somebody with `Certkeeper.Manage` lets it go. Default `false`',
  ),
  CERTKEEPER_APPLICATIONS: setting(
    guids(),
    'application (client) ids of the Entra applications whose keys are under care, comma-separated. Default: none',
  ),
  CERTKEEPER_KEY_OVERLAP: setting(
    duration('7d'),
    'how long a key stays registered after its successor: `7d` (default), or until it expires',
  ),
  CERTKEEPER_CLASSIC: setting(
    flag(),
    '`true`: the classic service is used, which Azure retired on 31 August 2024. Default `false`',
  ),
  CERTKEEPER_CLASSIC_SUBSCRIPTIONS: setting(
    guids(),
    'with it: ids of the subscriptions whose classic management certificates are under care',
  ),
  CERTKEEPER_EVENTS_TOPIC: setting(
    httpsUrl(),
    'endpoint of an Event Grid custom topic (input schema CloudEvents 1.0). Default: nothing is published',
  ),
  CERTKEEPER_CLOUD: setting(
    oneOf(['AzureCloud', 'AzureUSGovernment', 'AzureChinaCloud'], 'AzureCloud').transform(
      (name) => CLOUDS[name],
    ),
    '`AzureCloud` (default), `AzureUSGovernment` or `AzureChinaCloud`',
  ),
  AZURE_CLIENT_ID: setting(
    z.guid({ error: 'must be a GUID' }).optional(),
    "client id of Certkeeper's user-assigned identity. Default: its system-assigned one",
  ),
  AzureWebJobsStorage: setting(
    z.string().optional(),
    'connection string of the storage account, which holds the ledger',
  ),
  AzureWebJobsStorage__accountName: setting(
    z
      .string()
      .regex(/^[a-z0-9]{3,24}$/, { error: 'must be a storage account name' })
      .optional(),
    'its name, with the identity instead of a key',
  ),
  AzureWebJobsStorage__tableServiceUri: setting(
    httpsUrl(),
    'its table endpoint, with the identity; comes before the other two',
  ),
  AzureWebJobsStorage__blobServiceUri: setting(httpsUrl(), 'its blob endpoint, beside it'),
  CERTKEEPER_LOCAL_AZURE: setting(
    loopbackUrl(),
    'address of a simulated Azure on this machine. Refused on Azure, and for any other machine',
  ),
});

/** What the schema reads. */
export type EnvironmentValues = z.infer<typeof environmentSchema>;

/** A rule for each line or semicolon, as `parseConsent` says. */
function toRules(text: string, context: z.RefinementCtx): readonly ConsentRule[] {
  const { rules, errors } = parseConsent(text);
  for (const error of errors) context.addIssue(error);
  return rules;
}

function toSuspectPolicy(text: string, context: z.RefinementCtx): SuspectPolicy {
  const { policy, errors } = parseSuspectPolicy(text);
  for (const error of errors) context.addIssue(error);
  return policy;
}
