import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { splitOrigins } from './cors-settings.ts';
import type { CorsSettings } from './http/cors.ts';
import { parseLooseJson } from './loose-json.ts';
import { HostStartError, messageOf } from './start-error.ts';

/** What this host reads of local.settings.json. */
export interface LocalSettings {
  /** `Values`, and `ConnectionStrings` under `ConnectionStrings:{name}`. */
  readonly values: Readonly<Record<string, string>>;
  /** `Host.LocalHttpPort` */
  readonly port: number | undefined;
  /** `Host.CORS` and `Host.CORSCredentials`; undefined when no origin is named. */
  readonly cors: CorsSettings | undefined;
}

/**
 * Reads an app's local.settings.json, which Core Tools go by and a deployment never sees
 * (https://learn.microsoft.com/azure/azure-functions/functions-develop-local#local-settings-file).
 * A missing file means nothing is set. No message quotes what is in the file.
 * Thrown when it cannot be read: HostStartError `LOCAL_SETTINGS_INVALID`.
 */
export function readLocalSettings(appDir: string): LocalSettings {
  const file = join(appDir, 'local.settings.json');
  if (!existsSync(file)) return { values: {}, port: undefined, cors: undefined };
  const invalid = (what: string): HostStartError =>
    new HostStartError('LOCAL_SETTINGS_INVALID', `Cannot read ${file}: ${what}.`);
  let json: unknown;
  try {
    json = parseLooseJson(readFileSync(file, 'utf8'), 'secret');
  } catch (error) {
    throw invalid(messageOf(error));
  }
  if (!isObject(json)) throw invalid('it must hold a JSON object');
  if (memberOf(json, 'IsEncrypted') === true) {
    throw invalid('it is encrypted; "func settings decrypt" makes it readable');
  }
  const host = memberOf(json, 'Host');
  const port = memberOf(host, 'LocalHttpPort');
  if (port !== undefined && !isPort(port)) throw invalid('"Host.LocalHttpPort" is no port');
  const origins = memberOf(host, 'CORS') ?? '';
  if (typeof origins !== 'string') throw invalid('"Host.CORS" must be text');
  const credentials = String(memberOf(host, 'CORSCredentials')).toLowerCase() === 'true';
  return {
    port,
    cors: origins === '' ? undefined : { origins: splitOrigins(origins), credentials },
    values: {
      ...texts(json, 'ConnectionStrings', 'ConnectionStrings:', invalid),
      ...texts(json, 'Values', '', invalid),
    },
  };
}

/** The settings that the environment does not have: it comes first, as with Core Tools. */
export function withoutThoseOf(
  environment: Readonly<Record<string, string | undefined>>,
  { values }: LocalSettings,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => environment[name] === undefined),
  );
}

function texts(
  json: object,
  section: string,
  prefix: string,
  invalid: (what: string) => HostStartError,
): Record<string, string> {
  const members = memberOf(json, section) ?? {};
  if (!isObject(members)) throw invalid(`"${section}" must be an object`);
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(members)) {
    if (value === null) continue;
    if (!isPlain(value)) throw invalid(`"${section}.${name}" must be text`);
    result[`${prefix}${name}`] = String(value);
  }
  return result;
}

/** Names of members are looked up in any case of letters, as .NET does. */
function memberOf(value: unknown, name: string): unknown {
  if (!isObject(value)) return undefined;
  return Object.entries(value).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 65_535;
}
