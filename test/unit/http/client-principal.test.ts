import { readClientPrincipal } from '../../../shared/http/client-principal.ts';
import { OBJECT_ID, principalHeader } from '../../support/principals.ts';

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64');

describe("The platform's principal", () => {
  test('is somebody with an object id, a name and roles', () => {
    expect(readClientPrincipal(principalHeader(['Certkeeper.Upload', 'Other.Role']))).toEqual({
      kind: 'entra',
      id: OBJECT_ID,
      name: 'ada@contoso.com',
      roles: ['Certkeeper.Upload'],
    });
  });

  test("may have its roles and its name under the platform's own names", () => {
    const claims = [
      { typ: 'oid', val: OBJECT_ID },
      { typ: 'mail', val: 'grace@contoso.com' },
      {
        typ: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/role',
        val: 'Certkeeper.Manage',
      },
    ];
    expect(readClientPrincipal(principalHeader([], { name_typ: 'mail' }, claims))).toEqual({
      kind: 'entra',
      id: OBJECT_ID,
      name: 'grace@contoso.com',
      roles: ['Certkeeper.Manage'],
    });
  });

  test('that is an application has no name', () => {
    const claims = [{ typ: 'oid', val: OBJECT_ID }];
    expect(readClientPrincipal(principalHeader(['Certkeeper.Read'], {}, claims))).toEqual({
      kind: 'entra',
      id: OBJECT_ID,
      roles: ['Certkeeper.Read'],
    });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['no base64 of JSON', 'nonsense'],
    ['JSON of another form', encode({ userId: 'x' })],
    ['null', encode(null)],
    ['claims that are none', encode({ auth_typ: 'aad', claims: [1] })],
    ['no object id', principalHeader(['Certkeeper.Manage'], {}, [])],
    ['an object id that is empty', principalHeader([], {}, [{ typ: 'oid', val: '' }])],
    ['another provider', principalHeader(['Certkeeper.Manage'], { auth_typ: 'github' })],
    ['more than a header can hold', principalHeader([], { filler: 'x'.repeat(70_000) })],
  ])('is nobody when it holds %s', (_, header) => {
    expect(readClientPrincipal(header)).toBeUndefined();
  });
});
