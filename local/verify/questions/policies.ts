/** What can name a certificate: policies, fragments, backends, named values. */
import { acceptOrRefuse, inBothWays, isSuccess, briefly, type Answer } from '../answer.ts';
import type { Area } from '../question.ts';
import { askService, need, removeFromService, settle, until } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { makeApi, policyWith, putBackend, putPolicy, workspaceOf } from './service-parts.ts';
import { attached } from './throw-away-vault.ts';

const REFERENCE = 'https://learn.microsoft.com/rest/api/apimanagement';
const CERTIFICATE_POLICY =
  'https://learn.microsoft.com/azure/api-management/authentication-certificate-policy';
const EMPTY_POLICY = '<policies><inbound /><backend /><outbound /><on-error /></policies>';
const UNKNOWN_THUMBPRINT = 'CA0711DA7E00000000000000000000000000F00D';
/** How long a list may lag behind what was just made. */
const LISTED_WITHIN_SECONDS = 60;

export const policies: Area = {
  name: 'policies and what else names a certificate',
  questions: [
    {
      id: 'policy-with-unknown-certificate',
      title: 'a policy that names a certificate which is not there, by id and by thumbprint',
      assumes: { setting: 'assumptions.policyWithUnknownCertificate' },
      source: CERTIFICATE_POLICY,
      async ask(world) {
        const api = await makeApi(world, 'unknown');
        const put = (reference: string) => putPolicy(world, api, policyWith(reference));
        const byId = await put(`certificate-id="${world.name('absent')}"`);
        const byThumbprint = await put(`thumbprint="${UNKNOWN_THUMBPRINT}"`);
        return inBothWays(
          ['by id', acceptOrRefuse(byId)],
          ['by thumbprint', acceptOrRefuse(byThumbprint)],
        );
      },
    },
    {
      id: 'thumbprint-of-key-vault-certificate',
      title: 'a policy and a backend that name a certificate from Key Vault by thumbprint',
      assumes: { setting: 'assumptions.thumbprintOfKeyVaultCertificate' },
      source: 'https://github.com/MicrosoftDocs/azure-docs/issues/71385',
      async ask(world) {
        const { thumbprint } = await attached(world, 'by-print');
        const api = await makeApi(world, 'by-print');
        const inPolicy = await putPolicy(world, api, policyWith(`thumbprint="${thumbprint}"`));
        const inBackend = await putBackend(world, 'by-print', { certificate: [thumbprint] });
        return inBothWays(
          ['in a policy', acceptOrRefuse(inPolicy)],
          ['in a backend', acceptOrRefuse(inBackend)],
        );
      },
    },
    {
      id: 'backend-with-unknown-thumbprint',
      title: 'a backend that names a thumbprint which no certificate has',
      assumes: { always: 'accept' },
      source: `${REFERENCE}/backend/create-or-update?view=rest-apimanagement-2024-05-01`,
      async ask(world) {
        const credentials = { certificate: [UNKNOWN_THUMBPRINT] };
        return acceptOrRefuse(await putBackend(world, 'no-print', credentials));
      },
    },
    {
      id: 'entity-update',
      title: 'PUT of a policy fragment and of a named value: made at once, or later',
      assumes: { setting: 'assumptions.entityUpdate' },
      source: `${REFERENCE}/policy-fragment/create-or-update?view=rest-apimanagement-2024-05-01`,
      async ask(world) {
        const fragment = await putNew(world, `/policyFragments/${world.name('fragment')}`, {
          ...{ format: 'rawxml', value: '<fragment />' },
        });
        const name = world.name('value');
        const namedValue = await putNew(world, `/namedValues/${name}`, {
          ...{ displayName: name, value: 'ckverify' },
        });
        return inBothWays(['a fragment', fragment], ['a named value', namedValue]);
      },
    },
    {
      id: 'patch-of-nested-properties',
      title: 'PATCH of a backend that gives a part of its credentials',
      assumes: { setting: 'assumptions.patchOfNestedProperties' },
      source: `${REFERENCE}/backend/update?view=rest-apimanagement-2024-05-01`,
      async ask(world) {
        const path = `/backends/${world.name('patched')}`;
        await need(
          'Making a backend',
          putBackend(world, 'patched', { query: { kept: ['1'] }, header: { 'x-given': ['1'] } }),
        );
        await need(
          'PATCH of a backend',
          askService(world, 'PATCH', path, {
            headers: { 'if-match': '*' },
            body: { properties: { credentials: { header: { 'x-given': ['2'] } } } },
          }),
        );
        const read = await need('Reading the backend', askService(world, 'GET', path));
        const kept = read.at('properties', 'credentials', 'query', 'kept');
        return kept === undefined ? 'replace' : 'merge';
      },
    },
    {
      id: 'all-policies-of-workspaces',
      title: 'allPolicies of a service that has a policy in a workspace',
      assumes: { setting: 'assumptions.allPoliciesIncludesWorkspaces' },
      source: `${REFERENCE}/all-policies/list-by-service?view=rest-apimanagement-2024-05-01`,
      async ask(world) {
        const workspace = await workspaceOf(world);
        await need('A policy of the workspace', putPolicy(world, workspace, EMPTY_POLICY));
        return await isListed(world, workspace);
      },
    },
    {
      id: 'all-policies-of-resolvers',
      title: 'allPolicies of a service that has a policy on a GraphQL resolver',
      assumes: { setting: 'assumptions.allPoliciesIncludesResolvers' },
      source: `${REFERENCE}/all-policies/list-by-service?view=rest-apimanagement-2024-05-01`,
      async ask(world) {
        const api = await makeApi(world, 'graphql', { type: 'graphql', apiType: 'graphql' });
        // Whether a resolver needs its schema shows itself in the next answer.
        await askService(world, 'PUT', `${api}/schemas/graphql`, {
          body: {
            properties: {
              contentType: 'application/vnd.ms-azure-apim.graphql.schema',
              document: { value: 'type Query { greeting: String }' },
            },
          },
        });
        const resolver = `${api}/resolvers/${world.name('resolver')}`;
        await need(
          'Making a resolver',
          askService(world, 'PUT', resolver, {
            body: { properties: { displayName: 'greeting', path: 'Query/greeting' } },
          }),
        );
        const source =
          '<http-data-source><http-request><set-method>GET</set-method><set-url>https://ckverify.invalid</set-url></http-request></http-data-source>';
        await need('A policy of the resolver', putPolicy(world, resolver, source));
        return await isListed(world, resolver);
      },
    },
  ],
};

/** `now` or `later`, of something that is made; waits until it is. */
async function putNew(
  world: VerifyWorld,
  path: string,
  properties: Readonly<Record<string, unknown>>,
): Promise<string> {
  removeFromService(world, path);
  const answer = await askService(world, 'PUT', path, { body: { properties } });
  await settle(world, answer);
  const goesOn = answer.header('azure-asyncoperation') !== undefined;
  if (answer.status === 202 || goesOn) return 'later';
  return isSuccess(answer) ? 'now' : briefly(answer);
}

async function isListed(world: VerifyWorld, owner: string): Promise<string> {
  const wanted = `${owner}/policies/policy`.toLowerCase();
  const listed = await until(world, LISTED_WITHIN_SECONDS, async () => {
    let page: Answer | undefined = await need(
      'allPolicies',
      askService(world, 'GET', '/allPolicies'),
    );
    while (page !== undefined) {
      const value = page.at('value');
      const count = Array.isArray(value) ? value.length : 0;
      for (let index = 0; index < count; index++) {
        const id = page.text('value', index, 'properties', 'referencePolicyId').toLowerCase();
        if (id.endsWith(wanted)) return true;
      }
      const next: string = page.text('nextLink');
      const follows = next.startsWith('https://management.azure.com/');
      page = follows ? await need('allPolicies', world.wire.ask('GET', next)) : undefined;
    }
    return false;
  });
  return listed ? 'yes' : 'no';
}
