import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type RestCalls } from './rest-calls.ts';
import { allowOwnAtGraph } from '../own-rights.ts';
import { serviceError, statusOf, toDomainError, type Attempt } from '../to-domain-error.ts';
import { isRestError } from '@azure/core-rest-pipeline';
import { TerminalError } from '../../domain/errors.ts';
import { keyPlaceProblem, type KeyCare } from '../../domain/key-care.ts';
import type { KeyEntry } from '../../domain/key-credentials.ts';
import type { ApplicationKeys } from '../../domain/key-ports.ts';

/**
 * Keys of applications in Microsoft Graph, version 1.0, by plain calls: the official clients are
 * dormant or previews. Only applications under care: no address is built from anything else.
 *
 * @param graphUrl e.g. `https://graph.microsoft.com`
 */
export function makeApplicationKeys(
  calls: RestCalls,
  graphUrl: string,
  care: KeyCare,
): ApplicationKeys {
  const addressOf = (appId: string): string => {
    const problem = keyPlaceProblem({ kind: 'entra-application', appId }, care);
    if (problem !== undefined) throw new TerminalError(problem);
    return `${graphUrl}/v1.0/applications(appId='${appId}')`;
  };
  return {
    async read(appId) {
      // A key's value is "returned only on $select for a single object" (keyCredential).
      const url = `${addressOf(appId)}?$select=id,appId,displayName,keyCredentials`;
      try {
        const { bodyAsText } = await calls({ method: 'GET', url });
        const { displayName, keyCredentials } = applicationSchema.parse(
          JSON.parse(bodyAsText ?? ''),
        );
        return { displayName: displayName ?? appId, entries: keyCredentials.map(toEntry) };
      } catch (error) {
        throw toKeysError(error, appId, 'read the keys of');
      }
    },

    async replace(appId, keys) {
      try {
        await calls({
          method: 'PATCH',
          url: addressOf(appId),
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ keyCredentials: keys }),
        });
      } catch (error) {
        throw toKeysError(error, appId, 'change the keys of');
      }
    },
  };
}

const text = z.string().nullish();
const applicationSchema = z.looseObject({
  displayName: text,
  keyCredentials: z.array(
    z.looseObject({
      keyId: z.string(),
      customKeyIdentifier: text,
      displayName: text,
      startDateTime: text,
      endDateTime: text,
      key: text,
      usage: text,
    }),
  ),
});

function toEntry(raw: z.infer<typeof applicationSchema>['keyCredentials'][number]): KeyEntry {
  const { keyId, displayName, startDateTime, endDateTime, usage } = raw;
  const thumbprint = thumbprintOf(raw.key) ?? toThumbprint(raw.customKeyIdentifier);
  return {
    keyId,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(displayName == null ? {} : { displayName }),
    ...(usage == null ? {} : { usage }),
    ...(startDateTime == null ? {} : { startsAt: startDateTime }),
    ...(endDateTime == null ? {} : { expiresAt: endDateTime }),
    raw,
  };
}

function thumbprintOf(key: string | null | undefined): string | undefined {
  if (key == null || key === '') return undefined;
  return createHash('sha1').update(Buffer.from(key, 'base64')).digest('hex').toUpperCase();
}

/** Seen as the thumbprint's bytes in base64, and as its forty hexadecimal digits. */
function toThumbprint(identifier: string | null | undefined): string | undefined {
  if (identifier == null) return undefined;
  if (/^[0-9a-f]{40}$/i.test(identifier)) return identifier.toUpperCase();
  const bytes = Buffer.from(identifier, 'base64');
  return bytes.length === 20 ? bytes.toString('hex').toUpperCase() : undefined;
}

function toKeysError(error: unknown, appId: string, doing: string): Error {
  const resource = pathOf(appId);
  const attempt: Attempt = {
    resource,
    doing: `${doing} ${resource}`,
    grant: allowOwnAtGraph(appId),
  };
  if (statusOf(error) === 404) return notFound(appId);
  if (isRestError(error) && error.statusCode === 400) {
    const { code, message } = serviceError(error);
    return new TerminalError({
      code: 'KEYS_REFUSED',
      message: `Microsoft Graph refused the keys of ${resource} (${code}). It says: ${message}`,
      resource,
      cure: 'Add the key by hand to see what Microsoft Graph accepts: az ad app credential reset --append --cert.',
    });
  }
  return toDomainError(error, attempt);
}

function pathOf(appId: string): string {
  return `entra/applications/${appId}`;
}

function notFound(appId: string): TerminalError {
  return new TerminalError({
    code: 'APPLICATION_NOT_FOUND',
    message: `There is no application ${appId} in the directory of Certkeeper's identity.`,
    resource: pathOf(appId),
    cure: `Correct the id, or restore the application: az ad app show --id ${appId}`,
  });
}
