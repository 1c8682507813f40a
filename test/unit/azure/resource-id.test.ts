import {
  groupOf,
  isAtOrAbove,
  isSameId,
  readPath,
} from '../../../local/azure/resource-manager/resource-id.ts';

const segments = (path: string): string[] => path.split('/').filter((part) => part !== '');

describe('a resource id', () => {
  it('is the same in any case and with or without slashes at the ends', () => {
    expect(isSameId('/subscriptions/A/resourceGroups/b/', 'Subscriptions/a/RESOURCEGROUPS/B')).toBe(
      true,
    );
  });

  it.each([
    ['/', '/subscriptions/a', true],
    ['/subscriptions/a', '/subscriptions/a', true],
    ['/subscriptions/a', '/subscriptions/ab', false],
    ['/subscriptions/a/resourceGroups/b', '/subscriptions/a', false],
  ])('%s is at or above %s: %s', (scope, id, expected) => {
    expect(isAtOrAbove(scope, id)).toBe(expected);
  });

  it.each([
    [
      '/subscriptions',
      { types: ['subscriptions'], namespace: undefined, named: false, scope: '/' },
    ],
    ['/subscriptions/s/resources', { types: ['resources'], named: false, subscriptionId: 's' }],
    [
      '/subscriptions/s/providers/Microsoft.KeyVault/vaults',
      {
        namespace: 'Microsoft.KeyVault',
        types: ['vaults'],
        named: false,
        scope: '/subscriptions/s',
      },
    ],
    [
      '/subscriptions/s/resourceGroups/g/providers/P.X/a/1/b/2',
      { namespace: 'P.X', types: ['a', 'b'], named: true, resourceGroup: 'g' },
    ],
    [
      '/subscriptions/s/resourceGroups/g/providers/P.X/a/1/refresh',
      { types: ['a', 'refresh'], named: false },
    ],
    [
      '/subscriptions/s/resourceGroups/g/providers/P.X/a/1/providers/P.Y/c/3',
      {
        namespace: 'P.Y',
        types: ['c'],
        named: true,
        scope: '/subscriptions/s/resourceGroups/g/providers/P.X/a/1',
      },
    ],
    [
      '/providers/P.Y/c/3',
      { namespace: 'P.Y', types: ['c'], scope: '/', subscriptionId: undefined },
    ],
  ])('is read from the path %s', (path, expected) => {
    expect(readPath(segments(path))).toMatchObject(expected);
  });

  it('tells the group it is in, or that it is in none', () => {
    expect(groupOf('/subscriptions/s/resourceGroups/g/providers/P.X/a/1')).toEqual({
      subscriptionId: 's',
      resourceGroup: 'g',
    });
    expect(groupOf('/subscriptions/s')).toBeUndefined();
  });
});
