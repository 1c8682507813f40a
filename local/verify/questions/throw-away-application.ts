/** Entra applications of the run's own. */
import { constants, createHash, randomUUID, sign } from 'node:crypto';
import { isSuccess, type Answer } from '../answer.ts';
import { askUntil, need } from '../world.ts';
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
  const shown = () => world.wire.ask('GET', `${GRAPH}/applications/${application.id}`);
  await askUntil(world, SHOWN_WITHIN_SECONDS, shown, isSuccess);
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

/** The collection, once what is waited for is shown or the directory had its time. */
export function readKeys(
  world: VerifyWorld,
  { id }: ThrowAwayApplication,
  isShown: (keys: readonly ShownKey[]) => boolean,
): Promise<readonly ShownKey[]> {
  const url = `${GRAPH}/applications/${id}?$select=keyCredentials`;
  const read = async (): Promise<readonly ShownKey[]> => {
    const list = (await need('Reading keys', world.wire.ask('GET', url))).at('keyCredentials');
    // What Graph documents: a list of objects.
    return Array.isArray(list) ? (list as ShownKey[]) : [];
  };
  return askUntil(world, SHOWN_WITHIN_SECONDS, read, isShown);
}

/** The application's identity in the tenant, with which it signs in. */
export async function makeServicePrincipal(
  world: VerifyWorld,
  { appId }: ThrowAwayApplication,
): Promise<string> {
  const make = () => world.wire.ask('POST', `${GRAPH}/servicePrincipals`, { body: { appId } });
  const made = askUntil(world, SHOWN_WITHIN_SECONDS, make, isSuccess);
  const id = (await need('Making a service principal', made)).text('id');
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
  const signInAnew = () => {
    assertion = makeAssertion(world, application, file);
    return signIn(world, application, assertion);
  };
  const signedIn = await need(
    'Signing in as the application',
    askUntil(world, SHOWN_WITHIN_SECONDS, signInAnew, isSuccess),
  );
  return { token: signedIn.text('access_token'), assertion };
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
