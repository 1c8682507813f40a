/** Which methods of the real adapters change a service: each asks first whose the service is. */
import {
  holdWriters,
  type ServiceWriters,
} from '../../../../functions/activities/installations/held-writers.ts';
import { makeAccessGiver } from '../../../../shared/azure/access-giver.ts';
import { makeClientCertificates } from '../../../../shared/azure/api-management.ts';
import { AzureClients } from '../../../../shared/azure/azure-clients.ts';
import { makeCaStores } from '../../../../shared/azure/ca-stores.ts';
import { makePushedCertificates } from '../../../../shared/azure/pushed-certificates.ts';
import { makeReferenceDocuments } from '../../../../shared/azure/repairs/reference-documents.ts';
import { TerminalError } from '../../../../shared/domain/errors.ts';
import { serviceTaken } from '../../../../shared/domain/installation.ts';

const SERVICE = 'contoso-gw';
const SUFFIX = 'vault.azure.net';

const clients = new AzureClients({
  credential: { getToken: () => Promise.reject(new Error('Azure was asked')) },
  httpClient: { sendRequest: () => Promise.reject(new Error('Azure was asked')) },
  vaultSuffix: SUFFIX,
  managementUrl: 'https://management.azure.com',
  managementScope: 'https://management.azure.com/.default',
});
const writers: ServiceWriters = {
  certificates: makeClientCertificates(clients, [], SUFFIX),
  pushed: makePushedCertificates(clients, [], SUFFIX),
  caStores: makeCaStores(clients, []),
  documents: makeReferenceDocuments(clients, []),
  giver: makeAccessGiver(clients, { vaults: [], services: [] }),
};

/** What changes no service. Whatever else an adapter can do is held. */
const FREE: Readonly<Record<keyof ServiceWriters, readonly string[]>> = {
  certificates: ['observe', 'list'],
  pushed: ['observe', 'list'],
  caStores: ['observe', 'pollUpdate', 'usesOf'],
  documents: ['certificateId', 'listNamedValues', 'readBackend', 'readNamedValue', 'readPolicy'],
  giver: [
    ...['hasAssignment', 'looks', 'pollIdentity', 'roleAssignmentId', 'secretPermissions'],
    // These change a vault: who gives and who takes back asks before.
    ...['addPermissions', 'assignRole', 'removePermissions', 'removeRole'],
  ],
};
/** Those that name a place in the service, and not the service. */
const BY_TARGET: readonly string[] = ['certificates', 'pushed'];

const methods = Object.entries(writers).flatMap(([port, adapter]: [string, object]) =>
  Object.keys(adapter).map((method) => [port as keyof ServiceWriters, method] as const),
);
const held = methods.filter(([port, method]) => !FREE[port].includes(method));

test('The methods that change no service are all there', () => {
  expect(methods.length - held.length).toBe(Object.values(FREE).flat().length);
});

test.each(held)('%s.%s changes nothing of a service that another one keeps', async (port, name) => {
  const asked: string[] = [];
  const require = (service: string) => {
    asked.push(service);
    return Promise.reject(new TerminalError(serviceTaken(service, 'other')));
  };
  const change: unknown = Reflect.get(holdWriters(writers, { require })[port], name);
  if (typeof change !== 'function') throw new Error(`${port}.${name} is no method`);
  const at = BY_TARGET.includes(port)
    ? { kind: 'client-certificate', service: SERVICE, id: 'orders' }
    : SERVICE;
  const changing: unknown = Reflect.apply(change, undefined, [at, 'a', 'b', 'c']);
  await expect(changing).rejects.toMatchObject({ problem: { code: 'SERVICE_TAKEN' } });
  expect(asked).toEqual([SERVICE]);
});

test.each(methods)('%s.%s is there when it is held', (port, name) => {
  const all = holdWriters(writers, { require: () => Promise.resolve() });
  expect(typeof Reflect.get(all[port], name)).toBe('function');
});
