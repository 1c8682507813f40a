import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './app-settings.ts';
import { readHttpSettings, type HttpSettings } from './http/http-settings.ts';
import { parseLooseJson } from './loose-json.ts';
import { toLogThreshold, type LogThreshold } from './log.ts';
import { HostStartError, messageOf } from './start-error.ts';
import { parseTimeSpan } from './timers/time-span.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What this host reads of host.json. */
export interface HostSettings {
  readonly http: HttpSettings;
  /** How long a function may run: milliseconds; undefined for ever. */
  readonly functionTimeoutMs: number | undefined;
  readonly logLevels: Readonly<Record<string, LogThreshold>>;
  /** `extensions.durableTask`, as it stands there. */
  readonly durableTask: JsonObject;
  /** Names of the functions to load; undefined for all. */
  readonly functions: readonly string[] | undefined;
}

const overridePrefix = 'AzureFunctionsJobHost__';

/**
 * Reads host.json; a missing file means the defaults. Settings named `AzureFunctionsJobHost__a__b`
 * replace the value at `a.b`, as on Azure
 * (https://learn.microsoft.com/azure/azure-functions/functions-host-json#override-hostjson-values).
 * Thrown when the file is no JSON object, is not of version 2.0, or a value that is used here has
 * the wrong type: HostStartError `HOST_JSON_INVALID`.
 */
export function readHostSettings(appDir: string, environment: Environment): HostSettings {
  const file = join(appDir, 'host.json');
  const json = withOverrides(existsSync(file) ? parseFile(file) : { version: '2.0' }, environment);
  if (json['version'] !== '2.0') throw invalid('"version" must be "2.0"');

  const extensions = objectAt(json, 'extensions');
  const functions = json['functions'];
  if (functions !== undefined && !isTextList(functions)) {
    throw invalid('"functions" must be a list of function names');
  }
  return {
    http: readHttp(objectAt(extensions, 'http')),
    functionTimeoutMs: readFunctionTimeout(json['functionTimeout']),
    logLevels: readLogLevels(objectAt(objectAt(json, 'logging'), 'logLevel')),
    durableTask: objectAt(extensions, 'durableTask'),
    functions,
  };
}

function parseFile(file: string): JsonObject {
  try {
    const parsed = parseLooseJson(readFileSync(file, 'utf8'));
    if (!isObject(parsed)) throw new Error('it must hold a JSON object');
    return parsed;
  } catch (error) {
    throw new HostStartError('HOST_JSON_INVALID', `Cannot read ${file}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}

function withOverrides(json: JsonObject, environment: Environment): JsonObject {
  let result = json;
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || !name.startsWith(overridePrefix)) continue;
    result = withValueAt(result, name.slice(overridePrefix.length).split('__'), value);
  }
  return result;
}

function withValueAt(json: JsonObject, path: readonly string[], value: string): JsonObject {
  const [first, ...rest] = path;
  if (first === undefined || first === '') return json;
  // Configuration keys are case-insensitive on Azure.
  const key = Object.keys(json).find((k) => k.toLowerCase() === first.toLowerCase()) ?? first;
  const inner = json[key];
  return {
    ...json,
    [key]: rest.length === 0 ? value : withValueAt(isObject(inner) ? inner : {}, rest, value),
  };
}

function readHttp(section: JsonObject): HttpSettings {
  try {
    return readHttpSettings(section);
  } catch (error) {
    throw invalid(messageOf(error));
  }
}

const HALF_AN_HOUR = 30 * 60_000;

/**
 * The default is that of the plans without a limit of their own
 * (https://learn.microsoft.com/azure/azure-functions/functions-host-json#functiontimeout).
 */
function readFunctionTimeout(value: unknown): number | undefined {
  if (value === undefined) return HALF_AN_HOUR;
  if (value === -1 || value === '-1') return undefined;
  const timeout = typeof value === 'string' ? parseTimeSpan(value.trim()) : undefined;
  if (timeout === undefined) {
    throw invalid('"functionTimeout" must be a time like "00:05:00", or -1 for none');
  }
  return timeout;
}

function readLogLevels(levels: JsonObject): Record<string, LogThreshold> {
  const result: Record<string, LogThreshold> = {};
  for (const [category, value] of Object.entries(levels)) {
    const threshold = typeof value === 'string' ? toLogThreshold(value) : undefined;
    if (threshold === undefined) {
      throw invalid(
        `"logging.logLevel.${category}" is none of Trace, Debug, Information, Warning, Error, Critical, None`,
      );
    }
    result[category.toLowerCase() === 'default' ? 'default' : category] = threshold;
  }
  return result;
}

function objectAt(json: JsonObject, key: string): JsonObject {
  const value = json[key];
  if (value === undefined) return {};
  if (!isObject(value)) throw invalid(`"${key}" must be an object`);
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function invalid(what: string): HostStartError {
  return new HostStartError('HOST_JSON_INVALID', `host.json: ${what}.`);
}
