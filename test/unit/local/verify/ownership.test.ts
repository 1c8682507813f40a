/** What a run may change. */
import { ForeignResourceError, makeOwnership } from '../../../../local/verify/ownership.ts';

const SERVICE =
  'https://management.azure.com/subscriptions/1/resourceGroups/rg/providers/Microsoft.ApiManagement/service/gw';
const GRAPH = 'https://graph.microsoft.com/v1.0';

test.each([
  ['a certificate with the prefix', 'PUT', `${SERVICE}/certificates/ckverify-1-a?api-version=1`],
  ['something below one', 'PUT', `${SERVICE}/apis/ckverify-1-a/policies/policy`],
  ['whatever the case of its name', 'DELETE', `${SERVICE}/backends/CKVERIFY-1-a`],
  ['anything in a vault with the prefix', 'POST', 'https://ckverify-1-kv.vault.azure.net/x/import'],
])('%s may be changed', (_what, method, url) => {
  expect(() => makeOwnership().require(method, url)).not.toThrow();
});

test.each([
  ['the service itself', 'PATCH', SERVICE],
  ['a certificate of others', 'PUT', `${SERVICE}/certificates/gateway-client`],
  ['one whose name only holds the prefix', 'DELETE', `${SERVICE}/certificates/my-ckverify-1`],
  ['a prefix in the query', 'DELETE', `${SERVICE}/certificates/mine?x=/ckverify-1/`],
  ['a vault of others', 'POST', 'https://contoso-kv.vault.azure.net/certificates/a/import'],
  ['a host that only holds it', 'POST', 'https://x.ckverify-1.example/certificates/a'],
  ['an application of others', 'PATCH', `${GRAPH}/applications/1`],
  ['consent for others', 'POST', `${GRAPH}/servicePrincipals/1/appRoleAssignments`],
])('%s is left alone', (_what, method, url) => {
  expect(() => makeOwnership().require(method, url)).toThrow(ForeignResourceError);
});

test('everything may be read', () => {
  expect(() => makeOwnership().require('GET', SERVICE)).not.toThrow();
  expect(() => makeOwnership().require('HEAD', SERVICE)).not.toThrow();
});

test('an application may be made under the prefix, and under no other name', () => {
  const ownership = makeOwnership();
  const make = (displayName: string) => () =>
    ownership.require('POST', `${GRAPH}/applications`, { displayName });
  expect(make('ckverify-1-app')).not.toThrow();
  expect(make('payroll')).toThrow(ForeignResourceError);
  expect(() => ownership.require('POST', `${GRAPH}/applications`)).toThrow(ForeignResourceError);
});

test('an application whose id was given out to the run may be changed, and get its identity', () => {
  const ownership = makeOwnership();
  ownership.add('AB-1');
  expect(() => ownership.require('PATCH', `${GRAPH}/applications/ab-1`)).not.toThrow();
  const principal = (appId: string) => () =>
    ownership.require('POST', `${GRAPH}/servicePrincipals`, { appId });
  expect(principal('ab-1')).not.toThrow();
  expect(principal('ab-2')).toThrow(ForeignResourceError);
});

test('what was allowed by name is that one request', () => {
  const ownership = makeOwnership();
  ownership.allow('PATCH', `${SERVICE}?api-version=1`);
  expect(() => ownership.require('PATCH', SERVICE)).not.toThrow();
  expect(() => ownership.require('DELETE', SERVICE)).toThrow(ForeignResourceError);
  expect(() => ownership.require('PATCH', `${SERVICE}/certificates/a`)).toThrow(
    ForeignResourceError,
  );
});
