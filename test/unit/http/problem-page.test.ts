/** What a person sees in a browser in place of an answer that there is not. */
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Problem } from '../../../shared/domain/errors.ts';
import { makeProblemPage } from '../../../shared/report/dashboard/dashboard-page.ts';
import { askRoute } from '../../support/ask-route.ts';
import { PROBLEM } from '../../support/domain-samples.ts';
import { sampleRoutes } from '../../support/sample-routes.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

function routeOf(name: string) {
  const route = sampleRoutes().find((one) => one.name === name);
  if (route === undefined) throw new Error(`There is no route ${name}`);
  return route;
}

function pageOf(problem: Problem, passes = false) {
  return makeProblemPage('/api/dashboard/open')(problem, { passes });
}

describe('What is read, and is not there,', () => {
  const unreadable = { ...routeOf('ShowAudit'), respond: refuse };
  function refuse(): never {
    throw new TerminalError({
      code: 'NOT_FOUND',
      message: 'There is no audit <img src=x onerror=alert(1)>.',
      cure: 'Take the id from the list: GET /api/audits',
    });
  }

  test('is a page to a browser: what is wrong, what to do, and the way to the dashboard', async () => {
    const { status, headers, text } = await askRoute(unreadable, '/audits/x', { headers: BROWSER });
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(text).toContain('There is no audit &lt;img src=x onerror=alert(1)&gt;.');
    expect(text).toContain('Take the id from the list: GET /api/audits');
    expect(text).toContain('<a href="/api/dashboard">To the dashboard</a>');
    expect(text).toContain('<code>NOT_FOUND</code>');
  });

  test.each([
    ['names no form', {}],
    ['takes anything', { accept: '*/*' }],
    ['wants JSON', { accept: 'application/json' }],
  ])('is problem details to who %s', async (_, headers) => {
    const { headers: answered, body } = await askRoute(unreadable, '/audits/x', { headers });
    expect(answered.get('content-type')).toBe('application/problem+json');
    expect(body).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has its page wherever something is read, and nowhere else', () => {
    for (const { name, method, refusalPage } of sampleRoutes()) {
      expect([name, refusalPage !== undefined]).toEqual([name, method === 'GET']);
    }
  });
});

describe('The page of a problem', () => {
  test('says nothing of JavaScript, which it does not need', () => {
    expect(pageOf(PROBLEM).body).not.toContain('<noscript>');
  });

  test('asks again by itself where the problem may pass', () => {
    const { problem } = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'It is away.' });
    const { body } = pageOf(problem, true);
    expect(body).toContain('<meta http-equiv="refresh" content="15" />');
    expect(body).toContain('This page is loaded anew every 15 seconds.');
  });

  test('leads to where the dashboard is opened', () => {
    expect(pageOf(PROBLEM).body).toContain('<a href="/api/dashboard/open">');
  });

  test('offers to sign in to who has not, and nothing else', () => {
    const { body } = pageOf({ code: 'NOT_SIGNED_IN', message: 'You are not signed in.' });
    expect(body).toContain('href="/.auth/login/aad?');
    expect(body).not.toContain('To the dashboard');
  });
});
