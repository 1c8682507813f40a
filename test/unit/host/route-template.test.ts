import fc from 'fast-check';
import {
  comparePrecedence,
  matchRoute,
  parseRouteTemplate,
  routeShape,
} from '../../../local/host/http/route-template.ts';

const match = (template: string, path: string) =>
  matchRoute(parseRouteTemplate(template), path === '' ? [] : path.split('/'));

describe('A route template', () => {
  test.each([
    ['items', 'items', {}],
    ['items', 'ITEMS', {}],
    ['items/{id}', 'items/7', { id: '7' }],
    ['items/{id?}', 'items', {}],
    ['items/{id=9}', 'items', { id: '9' }],
    ['items/{id:int}', 'items/-12', { id: '-12' }],
    ['items/{id:int?}', 'items', {}],
    ['items/{id:int:min(5)}', 'items/5', { id: '5' }],
    ['files/{*path}', 'files/a/b.txt', { path: 'a/b.txt' }],
    ['files/{*path}', 'files', {}],
    ['files/{**path}', 'files/a/b', { path: 'a/b' }],
    ['v{version}/x', 'v12/x', { version: '12' }],
    ['{name}.{ext}', 'a.b.c', { name: 'a.b', ext: 'c' }],
    ['a/{b}/c/{d}', 'a/1/c/2', { b: '1', d: '2' }],
    [
      '{id:guid}',
      '5eed0000-0000-4000-8000-00000000000a',
      { id: '5eed0000-0000-4000-8000-00000000000a' },
    ],
    ['{t:regex(^[a-c]{{2}}/?$)}', 'ab', { t: 'ab' }],
    ['{when:datetime}', '2026-01-02', { when: '2026-01-02' }],
    ['{x:length(2,3)}', 'abc', { x: 'abc' }],
    ['{x:range(1,10)}', '10', { x: '10' }],
    ['{x:alpha}', 'abc', { x: 'abc' }],
    ['items/{name}', 'items/a%20b%C3%A4', { name: 'a bä' }],
    ['items/{name}', 'items/a%2Fb', { name: 'a%2Fb' }],
    ['items/{name}', 'items/100%', { name: '100%' }],
    ['', '', {}],
  ])('%s matches %s', (template, path, parameters) => {
    expect(match(template, path)).toEqual(parameters);
  });

  test.each([
    ['items/{id}', 'items'],
    ['items/{id}', 'items/7/more'],
    ['items/{id:int}', 'items/x'],
    ['items/{id:int}', 'items/99999999999'],
    ['items/{id:int:min(5)}', 'items/4'],
    ['{x:length(2)}', 'abc'],
    ['{x:length(2,3)}', 'a'],
    ['{x:range(1,10)}', '11'],
    ['{x:bool}', 'yes'],
    ['{x:alpha}', 'a1'],
    ['v{version}/x', 'v/x'],
    ['', 'x'],
  ])('%s does not match %s', (template, path) => {
    expect(match(template, path)).toBeUndefined();
  });

  test.each([
    ['{a}/{A}', 'occurs twice'],
    ['{*all}/x', 'must come last'],
    ['{a?}/x', 'must come last'],
    ['{a', 'braces'],
    ['a}', 'braces'],
    ['a//b', 'empty segment'],
    ['{a}{b}', 'touch'],
    ['{a:colour}', 'not known'],
    ['{a:length(x)}', 'not known'],
    ['{a:regex([)}', 'not known'],
    ['{1a}', 'does not name a parameter'],
    ['x{a?}', 'segment of its own'],
    ['{a=1?}', 'optional and have a default'],
  ])('%s is refused: %s', (template, reason) => {
    expect(() => parseRouteTemplate(template)).toThrow(reason);
  });

  test('prefers the more specific of two that match, whatever the order they came in', () => {
    const specific = ['a/b', 'a/v{x}', 'a/{x}', 'a/{*x}', '{x}/b'];
    const sorted = [...specific]
      .reverse()
      .sort((a, b) => comparePrecedence(parseRouteTemplate(a), parseRouteTemplate(b)));
    expect(sorted).toEqual(specific);
  });

  test('has the same shape as another that differs only in names and case', () => {
    const shape = (text: string) => routeShape(parseRouteTemplate(text));
    expect(shape('Items/{id}')).toBe(shape('items/{name}'));
    expect(shape('items/{id:int}')).not.toBe(shape('items/{id}'));
    expect(shape('items/{*rest}')).not.toBe(shape('items/{rest}'));
  });

  test('gives back whatever value was encoded into the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (value) => {
        fc.pre(!value.includes('/'));
        expect(match('x/{v}', `x/${encodeURIComponent(value)}`)).toEqual({ v: value });
      }),
    );
  });
});
