import { chooseMediaType } from '../../../shared/http/accept.ts';

test.each([
  [null, 'application/json'],
  ['', 'application/json'],
  ['*/*', 'application/json'],
  ['text/csv', 'text/csv'],
  ['Text/CSV; charset=utf-8', 'text/csv'],
  ['text/*', 'text/csv'],
  ['text/csv, application/json', 'application/json'],
  ['text/csv, application/json;q=0.9', 'text/csv'],
  ['text/csv;q=0.1, */*;q=0.5', 'application/json'],
  ['text/csv;q=0, application/json;q=0', 'application/json'],
  ['application/json;q=0, */*', 'text/csv'],
  ['text/csv;q=x', 'application/json'],
  ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', 'application/json'],
  ['application/xml', 'application/json'],
])('Whoever accepts %s gets %s', (accept, type) => {
  expect(chooseMediaType(accept, ['application/json', 'text/csv'])).toBe(type);
});
