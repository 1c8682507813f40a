import { makeRouteTable } from '../../../local/host/http/route-table.ts';
import { httpFunction } from '../../support/host/functions.ts';

describe('The table of routes', () => {
  test('finds a function by path below the prefix and by method', () => {
    const read = httpFunction({ name: 'read', route: 'items/{id}', methods: ['GET'] });
    const write = httpFunction({ name: 'write', route: 'items/{id}', methods: ['PUT'] });
    const table = makeRouteTable([read, write], 'api');
    expect(table.find('GET', '/api/items/1')).toEqual({ fn: read, parameters: { id: '1' } });
    expect(table.find('PUT', '/API/Items/1/')?.fn).toBe(write);
    expect(table.find('DELETE', '/api/items/1')).toBeUndefined();
    expect(table.find('GET', '/items/1')).toBeUndefined();
    expect(table.find('GET', '/api//items/1')).toBeUndefined();
  });

  test('prefers a literal to a parameter and falls back when a constraint does not hold', () => {
    const any = httpFunction({ name: 'any', route: '{x}' });
    const number = httpFunction({ name: 'number', route: '{x:int}' });
    const me = httpFunction({ name: 'me', route: 'me' });
    const table = makeRouteTable([any, number, me], '');
    expect(table.find('GET', '/me')?.fn).toBe(me);
    expect(table.find('GET', '/12')?.fn).toBe(number);
    expect(table.find('GET', '/other')?.fn).toBe(any);
  });

  test('takes every method where the app named none', () => {
    const any = httpFunction({ name: 'any', methods: [] });
    expect(makeRouteTable([any], 'api').find('PROPFIND', '/api/any')?.fn).toBe(any);
  });

  test('says where a function is reached, with and without a prefix', () => {
    const fn = httpFunction({ name: 'x', route: '/items/{id}/' });
    expect(makeRouteTable([fn], 'api').addressOf(fn)).toBe('/api/items/{id}');
    expect(makeRouteTable([fn], '').addressOf(fn)).toBe('/items/{id}');
  });

  test('names both functions that claim one route and method', () => {
    const a = httpFunction({ name: 'first', route: 'items/{id}', methods: ['GET', 'POST'] });
    const b = httpFunction({ name: 'second', route: 'items/{name}', methods: ['POST'] });
    expect(() => makeRouteTable([a, b], 'api')).toThrow(
      'The functions "first" and "second" both answer POST /api/items/{name}.',
    );
  });

  test.each(['admin/x', 'runtime', 'Admin'])('refuses the host’s own address %s', (route) => {
    expect(() => makeRouteTable([httpFunction({ name: 'x', route })], '')).toThrow(
      'belong to the host',
    );
  });

  test('names the function whose route cannot be read', () => {
    const fn = httpFunction({ name: 'broken', route: '{a' });
    expect(() => makeRouteTable([fn], 'api')).toThrow(/"api\/\{a" of function "broken"/);
  });
});
