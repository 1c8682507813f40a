import { chooseIdentity, type ServiceIdentity } from '../../../shared/domain/service.ts';

const ID =
  '/subscriptions/s/resourceGroups/rg-contoso/providers/Microsoft.ApiManagement/service/gw';
const user = (name: string) => ({ resourceId: `/${name}`, objectId: name, clientId: name });

function choose(identity: ServiceIdentity) {
  return chooseIdentity({
    id: ID,
    name: 'gw',
    identity,
    provisioningState: 'Succeeded',
    sku: 'Basic',
  });
}

/** The body that the cure's command sends. */
function sentBy(cure: string | undefined): unknown {
  const body = /^.*az rest --method patch --url "([^"]+)" --body '([^']+)'/.exec(cure ?? '');
  expect(body?.[1]).toBe(`${ID}?api-version=2024-05-01`);
  return JSON.parse(body?.[2] ?? '');
}

describe('The identity that reads the vault', () => {
  test('is the system-assigned one wherever there is one', () => {
    const systemAssigned = { objectId: 'system' };
    expect(choose({ systemAssigned, userAssigned: [user('a'), user('b')] })).toEqual({
      kind: 'system-assigned',
      objectId: 'system',
    });
  });

  test('is the only user-assigned one', () => {
    expect(choose({ userAssigned: [user('a')] })).toEqual({
      kind: 'user-assigned',
      clientId: 'a',
      objectId: 'a',
    });
  });

  test('can be made for a service without any, by a change of nothing else', () => {
    const choice = choose({ userAssigned: [] });
    expect(choice).toMatchObject({ kind: 'none', problem: { code: 'IDENTITY_MISSING' } });
    expect(sentBy(choice.kind === 'none' ? choice.problem.cure : '')).toEqual({
      identity: { type: 'SystemAssigned' },
    });
  });

  test('can be added to several user-assigned ones, and takes none of them away', () => {
    const choice = choose({ userAssigned: [user('a'), user('b')] });
    expect(choice).toMatchObject({ kind: 'none', problem: { code: 'IDENTITY_AMBIGUOUS' } });
    expect(sentBy(choice.kind === 'none' ? choice.problem.cure : '')).toEqual({
      identity: {
        type: 'SystemAssigned, UserAssigned',
        userAssignedIdentities: { '/a': {}, '/b': {} },
      },
    });
  });
});
