import { toDashboardQuery } from '../../../functions/triggers/dashboard/dashboard-query.ts';

describe('What the dashboard is asked for', () => {
  it.each([
    ['nothing', {}, { order: 'status', page: 1 }],
    [
      'fields that were left empty',
      { q: '', status: '', sort: '', page: '' },
      { order: 'status', page: 1 },
    ],
    [
      'all of it',
      { q: 'gateway', status: 'blocked', sort: '-expires', page: '3' },
      { text: 'gateway', status: 'blocked', order: '-expires', page: 3 },
    ],
    ['words that nobody knows', { status: 'well', sort: 'colour' }, { order: 'status', page: 1 }],
    ['no page', { page: '-2' }, { order: 'status', page: 1 }],
    ['half a page', { page: '1.5' }, { order: 'status', page: 1 }],
    [
      'an endless text',
      { q: 'x'.repeat(999) },
      { text: 'x'.repeat(200), order: 'status', page: 1 },
    ],
  ])('reads %s', (_, query, expected) => {
    expect(toDashboardQuery(query)).toEqual(expected);
  });
});
