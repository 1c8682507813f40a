/** Entra applications of the run's own. */
import { constants, createHash, randomUUID, sign } from 'node:crypto';
import { isSuccess, type Answer } from '../answer.ts';
import { need, until } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import type { Wire } from '../wire.ts';
import type { CertificateFile } from './files.ts';

export const GRAPH = 'https://graph.microsoft.com/v1.0';
/** How long the directory may take to show everywhere what was changed. */
const SHOWN_WITHIN_SECONDS = 120;

export interface ThrowAwayApplication {
  /** Object id. */
  readonly id: string;
  readonly appId: string;
}

export async function makeApplication(
  world: VerifyWorld,
  hint: string,
): Promise<ThrowAwayApplication> {
  const displayName = world.name(hint);
  const made = await need(
    'Making an Entra application',
    world.wire.ask('POST', `${GRAPH}/applications`, { body: { displayName } }),
  );
  const application = { id: made.text('id'), appId: made.text('appId') };
  world.ownership.add(application.appId);
  removeApplication(world, application.id, displayName);
  await until(world, SHOWN_WITHIN_SECONDS, async () =>
    isSuccess(await world.wire.ask('GET', `${GRAPH}/applications/${application.id}`)),
  );
  return application;
}

/** Remembers to delete an application, and with it its service principal. */
export function removeApplication(world: VerifyWorld, id: string, displayName: string): void {
  world.ownership.add(id);
  world.later(`the application ${displayName}`, ({ wire }) => deleteApplication(wire, id));
}

/** Deletes for good: what is deleted stays for thirty days, unless it is deleted there as well. */
export async function deleteApplication(wire: Wire, id: string): Promise<Answer> {
  const deleted = await wire.ask('DELETE', `${GRAPH}/applications/${id}`);
  if (isSuccess(deleted)) await wire.ask('DELETE', `${GRAPH}/directory/deletedItems/${id}`);
  return deleted;
}

/** An entry of `keyCredentials` for a certificate; without an id it is a new one. */
export function toCredential(
  file: CertificateFile,
  more: Readonly<Record<string, unknown>> = {},
): Record<string, unknown> {
  return {
    ...{ type: 'AsymmetricX509Cert', usage: 'Verify', key: file.der.toString('base64') },
    displayName: 'ckverify',
    ...more,
  };
}

/** Replaces the whole collection. */
export function patchKeys(
  world: VerifyWorld,
  { id }: ThrowAwayApplication,
  keyCredentials: readonly unknown[],
): Promise<Answer> {
  return world.wire.ask('PATCH', `${GRAPH}/applications/${id}`, { body: { keyCredentials } });
}

/** One entry as Graph shows it. */
export type ShownKey = Readonly<Record<string, unknown>>;

/** The collection, once it has so many entries or the directory had its time. */
export async function readKeys(
  world: VerifyWorld,
  { id }: ThrowAwayApplication,
  isShown: (keys: readonly ShownKey[]) => boolean,
): Promise<readonly ShownKey[]> {
  let keys: readonly ShownKey[] = [];
  await until(world, SHOWN_WITHIN_SECONDS, async () => {
    const url = `${GRAPH}/applications/${id}?$select=keyCredentials`;
    const list = (await need('Reading keys', world.wire.ask('GET', url))).at('keyCredentials');
    // What Graph documents: a list of objects.
    keys = Array.isArray(list) ? (list as ShownKey[]) : [];
    return isShown(keys);
  });
  return keys;
}

/** The application's identity in the tenant, with which it signs in. */
export async function makeServicePrincipal(
  world: VerifyWorld,
  { appId }: ThrowAwayApplication,
): Promise<string> {
  let made: Answer | undefined;
  await until(world, SHOWN_WITHIN_SECONDS, async () => {
    made = await world.wire.ask('POST', `${GRAPH}/servicePrincipals`, { body: { appId } });
    return isSuccess(made);
  });
  if (made === undefined) return '';
  const id = (await need('Making a service principal', Promise.resolve(made))).text('id');
  // It goes with its application.
  world.ownership.add(id);
  return id;
}

/** Signs in with an assertion; the answer has the token. */
export function signIn(
  world: VerifyWorld,
  { appId }: ThrowAwayApplication,
  assertion: string,
): Promise<Answer> {
  world.ownership.allow('POST', tokenUrl(world));
  return world.wire.ask('POST', tokenUrl(world), {
    token: 'none',
    form: {
      grant_type: 'client_credentials',
      client_id: appId,
      scope: 'https://graph.microsoft.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    },
  });
}

/** Signs in as soon as the directory knows the key. Thrown when it does not in time: NotAsked. */
export async function signInWith(
  world: VerifyWorld,
  application: ThrowAwayApplication,
  file: CertificateFile,
): Promise<{ readonly token: string; readonly assertion: string }> {
  let assertion = '';
  let answer: Answer | undefined;
  await until(world, SHOWN_WITHIN_SECONDS, async () => {
    assertion = makeAssertion(world, application, file);
    answer = await signIn(world, application, assertion);
    return isSuccess(answer);
  });
  const known = answer ?? (await signIn(world, application, assertion));
  await need('Signing in as the application', Promise.resolve(known));
  return { token: known.text('access_token'), assertion };
}

/** A signed JWT, good for ten minutes. */
function makeAssertion(
  world: VerifyWorld,
  { appId }: ThrowAwayApplication,
  { der, privateKey }: CertificateFile,
): string {
  // Assertions go by the clock of who makes them, which is this machine's.
  const now = Math.floor(Date.now() / 1000);
  const header = {
    ...{ alg: 'PS256', typ: 'JWT' },
    'x5t#S256': createHash('sha256').update(der).digest('base64url'),
  };
  const claims = {
    ...{ aud: tokenUrl(world), iss: appId, sub: appId, jti: randomUUID() },
    ...{ nbf: now, iat: now, exp: now + 600 },
  };
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  const signature = sign('sha256', Buffer.from(text), {
    key: privateKey,
    padding: constants.RSA_PKCS1_PSS_PADDING,
    saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
  });
  return `${text}.${signature.toString('base64url')}`;
}

function tokenUrl({ tenantId }: VerifyWorld): string {
  return `https://login.microsoftonline.com/${tenantId}/oauth2/v2.0/token`;
}
