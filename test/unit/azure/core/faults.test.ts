import { faultSchema, makeFaults } from '../../../../local/azure/core/faults.ts';
import { matchesGlob } from '../../../../local/azure/core/glob.ts';
import { makeRequestLog, type LoggedRequest } from '../../../../local/azure/core/request-log.ts';

const request = { method: 'GET', host: 'contoso-kv.vault.azure.net', path: '/certificates/a' };

describe('patterns', () => {
  it.each([
    ['*.vault.azure.net', 'contoso-kv.vault.azure.net', true],
    ['*.vault.azure.net', 'management.azure.com', false],
    ['/certificates/*', '/certificates/a', true],
    ['/certificates/*', '/certificates/a/versions', false],
    ['/certificates/**', '/certificates/a/versions', true],
    ['**/refreshSecret', '/subscriptions/x/certificates/y/REFRESHSECRET', true],
    ['/a.b', '/axb', false],
    ['/(a', '/(a', true],
  ])('%s on %s: %s', (pattern, text, fits) => {
    expect(matchesGlob(pattern, text)).toBe(fits);
  });
});

describe('faults', () => {
  it('strike the requests that match, as often as asked', () => {
    const faults = makeFaults();
    faults.add({ match: { method: 'get', path: '/certificates/*' }, drop: true, times: 2 });

    expect(faults.strike({ ...request, method: 'POST' })).toBeUndefined();
    expect(faults.strike({ ...request, path: '/secrets/a' })).toBeUndefined();
    expect([1, 2, 3].map(() => faults.strike(request)?.drop)).toEqual([true, true, undefined]);
    expect(faults.list()[0]?.struck).toBe(2);
  });

  it('strike in the order in which they were added', () => {
    const faults = makeFaults();
    faults.add({ match: {}, answer: { status: 503 }, times: 1 });
    faults.add({ match: {}, answer: { status: 429 } });

    expect([1, 2, 3].map(() => faults.strike(request)?.answer?.status)).toEqual([503, 429, 429]);
    faults.clear();
    expect(faults.strike(request)).toBeUndefined();
  });

  it.each([
    [{ match: {} }, ''],
    [{ match: {}, answer: { status: 99 } }, 'answer.status'],
    [{ match: { hosts: 'x' }, drop: true }, 'match'],
    [{ match: {}, drop: true, answer: { status: 500 } }, 'drop'],
    [{ match: {}, delayMs: -1 }, 'delayMs'],
    [{ drop: true }, 'match'],
    [{ match: {}, drop: true, times: 0 }, 'times'],
  ])('that are not right are refused: %j names "%s"', (fault, field) => {
    const parsed = faultSchema.safeParse(fault);

    expect(parsed.error?.issues[0]?.path.join('.')).toBe(field);
  });
});

describe('the request log', () => {
  it('keeps the last requests up to its capacity', () => {
    const log = makeRequestLog(3);
    const entry = (path: string): LoggedRequest => ({
      time: '2026-11-01T00:00:00.000Z',
      method: 'GET',
      host: 'h',
      path,
      query: '',
      status: 200,
      ms: 1,
      principal: 'operator',
    });
    for (let number = 0; number < 20; number += 1) log.add(entry(String(number)));

    expect(log.all().map(({ path }) => path)).toEqual(['17', '18', '19']);
    log.clear();
    expect(log.all()).toEqual([]);
  });
});
