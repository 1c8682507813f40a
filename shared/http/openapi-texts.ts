/** What the OpenAPI document says in words. */
import type { JsonObject } from './json-schemas.ts';
import type { Auth } from '../config.ts';

/** The app's version, as package.json has it. */
export const VERSION = '0.1.0';

/** What the parts of the API are about, by the first segment of their paths. */
export const TAGS: Readonly<Record<string, string>> = {
  certificates: 'Certificates under care: where they are installed, and what to do about them',
  backups: 'Backups of what cannot be read back from Azure',
  services: 'API Management services under care: their CA certificates',
  'management-certificates': 'Public keys by which Microsoft Entra knows automation',
  operations: 'Syncs and sweeps, running and done',
  audits: 'Reports over every certificate: made, listed, read',
  findings: 'What reports say, and acknowledging it',
  dashboard: 'Pages for people',
  repairs: 'Documents that referred by thumbprint and were rewritten, and putting them back',
  cleanups: 'What was removed after its source was deleted, and putting it back',
  notifications: 'Who is told of findings and events',
  sweeps: 'The pass over everything under care',
  health: 'Whether the app works',
  'openapi.json': 'This document',
};

export const INTRODUCTION = [
  'Times are ISO 8601 in UTC, thumbprints SHA-1 as 40 upper-case hex digits. Names of vaults, certificates and services do not care for letter case and are answered in lower case.',
  'Errors are RFC 9457 problem details. Their `code` is never renamed; `errors` names the fields of a request that cannot be used; `correlationId` is the id of the request in the log.',
  'Names in a query or a body that are not listed are refused. Answers may grow: pass over what you do not know.',
  'A change that a page of another site asks for is refused.',
].join('\n\n');

/** How callers show who they are, in each mode of `CERTKEEPER_AUTH`. */
export const SECURITY_SCHEMES: Readonly<Record<Auth['mode'], JsonObject>> = {
  entra: {
    entraToken: {
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description:
        "An access token of Microsoft Entra for this application. App Service's authentication checks it.",
    },
    entraSession: {
      type: 'apiKey',
      in: 'cookie',
      name: 'AppServiceAuthSession',
      description: 'The session of a browser that has signed in at /.auth/login/aad.',
    },
  },
  'function-key': {
    functionKey: {
      type: 'apiKey',
      in: 'header',
      name: 'x-functions-key',
      description: 'A function or host key of the function app.',
    },
  },
};
