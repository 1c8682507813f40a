/** What questions put into the service: certificates, an API, a workspace. */
import type { Answer } from '../answer.ts';
import { askService, need, putAnyway, removeFromService, settle } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { makeFile, type CertificateFile } from './files.ts';

/** Uploads a file as a certificate at `path`, e.g. `/certificates/{id}`. */
export function upload(
  world: VerifyWorld,
  path: string,
  file: CertificateFile,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  removeFromService(world, path);
  return askService(world, 'PUT', path, {
    headers,
    body: { properties: { data: file.pfx, password: file.password } },
  });
}

/** A certificate that was uploaded. Thrown when the service does not take it: NotAsked. */
export async function uploaded(
  world: VerifyWorld,
  hint: string,
): Promise<CertificateFile & { readonly path: string; readonly name: string }> {
  const name = world.name(hint);
  const path = `/certificates/${name}`;
  const file = await makeFile(world, name);
  await need('Uploading a certificate', upload(world, path, file));
  return { ...file, path, name };
}

/** An API without operations, for a policy. `/apis/{id}`. */
export async function makeApi(
  world: VerifyWorld,
  hint: string,
  properties: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const name = world.name(hint);
  const path = `/apis/${name}`;
  removeFromService(world, path);
  const made = askService(world, 'PUT', path, {
    body: {
      properties: { displayName: name, path: name, protocols: ['https'], ...properties },
    },
  });
  await need('Making an API', settle(world, await made));
  return path;
}

/** Puts a policy on an API, or on what else has one. */
export function putPolicy(world: VerifyWorld, owner: string, value: string): Promise<Answer> {
  return putAnyway(world, `${owner}/policies/policy`, { format: 'rawxml', value });
}

/** A policy that goes to its backend with a certificate; `reference` is one attribute. */
export function policyWith(reference: string): string {
  return `<policies><inbound><base /><authentication-certificate ${reference} /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>`;
}

/** Puts a backend that nobody calls, with credentials. */
export function putBackend(
  world: VerifyWorld,
  hint: string,
  credentials: Readonly<Record<string, unknown>>,
): Promise<Answer> {
  const path = `/backends/${world.name(hint)}`;
  removeFromService(world, path);
  return askService(world, 'PUT', path, {
    body: { properties: { url: 'https://ckverify.invalid', protocol: 'http', credentials } },
  });
}

/** A workspace, shared by all questions about one. `/workspaces/{id}`. */
export function workspaceOf(world: VerifyWorld): Promise<string> {
  return world.shared('workspace', async (shared) => {
    const name = shared.name('ws');
    const path = `/workspaces/${name}`;
    removeFromService(shared, path);
    await need(
      'Making a workspace (the Premium tiers have them)',
      askService(shared, 'PUT', path, { body: { properties: { displayName: name } } }),
    );
    return path;
  });
}
