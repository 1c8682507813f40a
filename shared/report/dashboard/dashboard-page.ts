/** The dashboard as a page: its frame, with whatever stands in it. */
import type { DashboardView } from './dashboard-view.ts';
import { LIVE_PATH, livePart } from './live.ts';
import { cureText } from './words.ts';
import css from './dashboard.css?inline';
import type { Problem } from '../../domain/errors.ts';
import script from '../../pages/client/dashboard.client.ts?inline';
import { asHeader, contentPolicy } from '../../pages/content-policy.ts';
import { html, inlineElement, type Html } from '../../pages/html.ts';

/** Without a script the page is loaded anew this often. */
const RENEW_SECONDS = 15;

/** Headers of each of these pages: what they may do, and that no address tells of them. */
export function pageHeaders(): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': asHeader(
      contentPolicy({ script, style: css, connect: "'self'", forms: "'self'" }),
    ),
    'referrer-policy': 'no-referrer',
  };
}

export function dashboardPage(view: DashboardView): string {
  return frame(livePart(view), {
    renews: true,
    withoutScript: `This page is for reading without JavaScript, and is loaded anew every ${String(RENEW_SECONDS)} seconds. Its buttons need JavaScript.`,
  });
}

/**
 * The page for whoever opens it without a key: it asks for one, and its script takes it along in a
 * header. Nothing of anybody's is in it.
 */
export function doorPage(): string {
  return frame(
    html`<main id="live" class="page-body" data-keyed data-from="${LIVE_PATH}">
      <form id="door" class="box" autocomplete="off">
        <h2>Open the dashboard</h2>
        <div class="field">
          <label for="key">Function key</label>
          <input
            id="key"
            name="key"
            class="input"
            type="password"
            required
            aria-describedby="door-hint door-fault"
          />
          <p class="quiet" id="door-hint">
            Of the function app in Azure, under App keys. It stays in this page, and is forgotten
            with it.
          </p>
          <p class="fault" id="door-fault" role="alert"></p>
        </div>
        <button type="submit" class="button button-main" disabled>Open</button>
      </form>
    </main>`,
    { withoutScript: 'This page needs JavaScript.' },
  );
}

interface Page {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** In place of the dashboard: why it is not shown, and what to do. */
export function refusalPage(problem: Problem, { passes }: { readonly passes: boolean }): Page {
  return toPage(problem, { passes, title: 'The dashboard cannot be shown' });
}

/**
 * In place of any other answer that somebody wanted to see in a browser.
 * @param dashboard the path at which it is opened
 */
export function makeProblemPage(dashboard: string) {
  const leadsTo = html`<p><a href="${dashboard}">To the dashboard</a></p>`;
  return (problem: Problem, { passes }: { readonly passes: boolean }): Page =>
    toPage(problem, { passes, title: 'There is nothing to show', leadsTo });
}

function toPage(
  problem: Problem,
  how: { readonly passes: boolean; readonly title: string; readonly leadsTo?: Html },
): Page {
  const signIn = problem.code === 'NOT_SIGNED_IN';
  const body = frame(
    html`<main class="page-body">
      <section class="box">
        <h2>${signIn ? 'You are not signed in' : how.title}</h2>
        ${
          signIn
            ? html`<p><a class="button button-main" href="${SIGN_IN}">Sign in</a></p>`
            : html`<p>${problem.message}</p>
                ${problem.cure !== undefined && html`<p>${cureText(problem.cure)}</p>`}
                ${how.leadsTo}`
        }
        <p class="quiet"><code>${problem.code}</code></p>
      </section>
    </main>`,
    how.passes
      ? {
          renews: true,
          withoutScript: `This page is loaded anew every ${String(RENEW_SECONDS)} seconds.`,
        }
      : {},
  );
  return { headers: pageHeaders(), body };
}

const SIGN_IN = '/.auth/login/aad?post_login_redirect_uri=/api/dashboard';

function frame(
  main: Html,
  {
    renews = false,
    withoutScript,
  }: {
    readonly renews?: boolean;
    /** What who has no JavaScript is told. */
    readonly withoutScript?: string;
  },
): string {
  const { text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Certkeeper</title>
        <link rel="icon" href="data:," />
        ${inlineElement('style', css)}
        ${
          renews &&
          html`<noscript><meta http-equiv="refresh" content="${RENEW_SECONDS}" /></noscript>`
        }
      </head>
      <body>
        <header class="page-head">
          <h1>Certkeeper</h1>
          <p id="link"><span id="link-word" role="status"></span> <span id="link-age"></span></p>
          <button type="button" id="theme" class="button" hidden></button>
        </header>
        ${withoutScript !== undefined && html`<noscript><p class="notice">${withoutScript}</p></noscript>`}
        <div id="notices" role="log" aria-label="What happened" aria-live="polite"></div>
        <p id="said" class="visually-hidden" role="status"></p>
        ${main} ${inlineElement('script', script)}
      </body>
    </html>`;
  return text;
}
