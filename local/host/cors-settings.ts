import type { Environment } from './app-settings.ts';
import type { CorsSettings } from './http/cors.ts';
import { HostStartError } from './start-error.ts';

/**
 * Finds the allowed origins; host.json has no place for them. Those that whoever starts the host
 * names come first (the command line, or `Host.CORS` of local.settings.json, as with Core Tools), then
 * the settings `CORS_ALLOWED_ORIGINS`, a JSON list, and `CORS_SUPPORT_CREDENTIALS`
 * (HostCorsOptionsSetup.cs of azure-functions-host).
 * Thrown when an origin is none, or every origin is allowed to send credentials, which browsers
 * refuse: HostStartError `SETTING_INVALID`.
 */
export function readCorsSettings(
  environment: Environment,
  given: CorsSettings | undefined,
): CorsSettings {
  const found = given ?? fromEnvironment(environment);
  const origins = found.origins.map((origin) => origin.trim()).filter((origin) => origin !== '');
  if (origins.includes('*') && found.credentials) {
    throw invalid('"*" cannot be combined with credentials; name the origins.');
  }
  return { ...found, origins: origins.map(toOrigin) };
}

/** `https://a.example,https://b.example`, as the command line and local.settings.json have it. */
export function splitOrigins(text: string): readonly string[] {
  return text.split(',');
}

function toOrigin(text: string): string {
  if (text === '*') return text;
  const origin = URL.canParse(text) ? new URL(text) : undefined;
  if (origin === undefined || !/^https?:$/.test(origin.protocol) || origin.pathname !== '/') {
    throw invalid(
      `"${text}" is no origin; one looks like https://page.example or http://host:3000.`,
    );
  }
  return origin.origin;
}

function fromEnvironment(environment: Environment): CorsSettings {
  const text = environment['CORS_ALLOWED_ORIGINS']?.trim() ?? '';
  const credentials = environment['CORS_SUPPORT_CREDENTIALS']?.toLowerCase() === 'true';
  if (text === '') return { origins: [], credentials: false };
  try {
    const origins: unknown = JSON.parse(text);
    if (Array.isArray(origins)) return { origins: origins.map(String), credentials };
  } catch {
    // Answered below, as everything else that is no list.
  }
  throw invalid('CORS_ALLOWED_ORIGINS must be a JSON list: ["https://page.example"].');
}

function invalid(what: string): HostStartError {
  return new HostStartError('SETTING_INVALID', `CORS: ${what}`);
}
