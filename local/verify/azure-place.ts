/** Azure itself, asked as whoever is signed in on this machine. */
import { setTimeout as wait } from 'node:timers/promises';
import { createDefaultHttpClient } from '@azure/core-rest-pipeline';
import { DefaultAzureCredential } from '@azure/identity';
import type { Place } from './place.ts';

/** @param tenantId to sign in to; that of the signed-in person when left out */
export function makeAzurePlace(tenantId: string | undefined): Place {
  const credential = new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId });
  return {
    ...{ name: 'azure', credential },
    httpClient: createDefaultHttpClient(),
    async whoAsks() {
      const { token } = await credential.getToken('https://management.azure.com/.default');
      const { tid, oid } = readClaims(token);
      return { tenantId: tid, objectId: oid };
    },
    now: () => new Date(),
    passTime: (seconds, signal) => wait(seconds * 1000, undefined, { signal }),
    consent: undefined,
  };
}

/** What an access token says of who has it; its signature is Azure's to check. */
function readClaims(token: string): { tid: string; oid: string } {
  const [, payload = ''] = token.split('.');
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  const read = (name: string): string => {
    const value: unknown =
      typeof claims === 'object' && claims !== null ? Reflect.get(claims, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return { tid: read('tid'), oid: read('oid') };
}
