/** What the simulated Azure keeps of its decisions about identities. */
import { makeDecisions } from '../../../local/azure/resource-manager/authorization/decisions.ts';
import type { AzureRequest, AzureResponse } from '../../../local/azure/service.ts';

const GROUP = '/subscriptions/s/resourceGroups/rg';
const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/gw`;
const asked = {
  principalId: 'p',
  plane: 'action',
  operation: 'Microsoft.ApiManagement/service/read',
} as const;

async function call(
  { controlRoutes }: ReturnType<typeof makeDecisions>,
  method: string,
): Promise<AzureResponse | undefined> {
  const route = controlRoutes.find((one) => one.method === method && one.path === '/decisions');
  // Neither looks at the request.
  return await route?.handle({} as AzureRequest, {});
}

it('each question is kept once, with how often it was asked and whether it was allowed', async () => {
  const decisions = makeDecisions();
  for (const allowed of [true, false, true]) decisions.add({ ...asked, allowed }, SERVICE);
  const scope = 'Microsoft.ApiManagement/service';
  expect(await call(decisions, 'GET')).toEqual({
    status: 200,
    body: {
      decisions: [
        { ...asked, scope, allowed: true, times: 2 },
        { ...asked, scope, allowed: false, times: 1 },
      ],
    },
  });
  expect(await call(decisions, 'DELETE')).toEqual({ status: 204 });
  expect(await call(decisions, 'GET')).toMatchObject({ body: { decisions: [] } });
});

test.each([
  [
    'what is in a resource counts for it',
    `${SERVICE}/certificates/a`,
    'Microsoft.ApiManagement/service',
  ],
  [
    'what is about a resource, too',
    `${SERVICE}/providers/Microsoft.Authorization/roleAssignments/a`,
    'Microsoft.ApiManagement/service',
  ],
  ['a resource group', GROUP, 'resourceGroup'],
  [
    'what is about a resource group',
    `${GROUP}/providers/Microsoft.Authorization/roleAssignments`,
    'resourceGroup',
  ],
  ['a subscription', '/subscriptions/s', 'subscription'],
  ['the tenant', '/', 'tenant'],
])('the kind of scope is known: %s', async (_, id, scope) => {
  const decisions = makeDecisions();
  decisions.add({ ...asked, allowed: true }, id);
  expect(await call(decisions, 'GET')).toMatchObject({ body: { decisions: [{ scope }] } });
});
