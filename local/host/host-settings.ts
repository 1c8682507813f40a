import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './app-settings.ts';
import { toLogThreshold, type LogThreshold } from './log.ts';
import { HostStartError, messageOf } from './start-error.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** What this host reads of host.json. */
export interface HostSettings {
  /** Without slashes at either end; empty for none. */
  readonly routePrefix: string;
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
  const routePrefix = objectAt(extensions, 'http')['routePrefix'] ?? 'api';
  if (typeof routePrefix !== 'string') throw invalid('"extensions.http.routePrefix" must be text');

  const functions = json['functions'];
  if (functions !== undefined && !isTextList(functions)) {
    throw invalid('"functions" must be a list of function names');
  }
  return {
    routePrefix: routePrefix.replace(/^\/+|\/+$/g, ''),
    logLevels: readLogLevels(objectAt(objectAt(json, 'logging'), 'logLevel')),
    durableTask: objectAt(extensions, 'durableTask'),
    functions,
  };
}

function parseFile(file: string): JsonObject {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
    if (!isObject(parsed)) throw new Error('it must hold a JSON object');
    return parsed;
  } catch (error) {
    throw new HostStartError('HOST_JSON_INVALID', `Cannot read ${file}: ${messageOf(error)}`, {
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

function readLogLevels(levels: JsonObject): Record<string, LogThreshold> {
  const result: Record<string, LogThreshold> = {};
  for (const [category, value] of Object.entries(levels)) {
    const threshold = typeof value === 'string' ? toLogThreshold(value) : undefined;
    if (threshold === undefined) {
      throw invalid(`"logging.logLevel.${category}" is no log level`);
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
