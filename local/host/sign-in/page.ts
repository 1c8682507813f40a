import type { HttpAnswer } from '../http/http-data.ts';

/**
 * The page on which somebody says who they want to be.
 * @param target where they go afterwards; a path of this host
 */
export function signInPage(roles: readonly string[], target: string): HttpAnswer {
  const boxes = roles.map(
    (role) =>
      `<label><input type="checkbox" name="roles" value="${escape(role)}" checked> ${escape(role)}</label>`,
  );
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in to this machine</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  form { max-width: 24rem; margin: 10vh auto; padding: 0 1rem; display: grid; gap: 0.75rem; }
  input[name='name'] { display: block; width: 100%; box-sizing: border-box; }
  input, button { font: inherit; padding: 0.4rem; }
</style>
<form action="/.auth/login/aad">
  <h1>Sign in to this machine</h1>
  <p>This stands in for Microsoft Entra and asks for no password. Be whom you like.</p>
  <label>Name <input name="name" value="Test person" required></label>
  ${boxes.join('\n  ')}
  <input type="hidden" name="roles" value="">
  <input type="hidden" name="post_login_redirect_uri" value="${escape(target)}">
  <button>Sign in</button>
</form>
`;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
      'cache-control': 'no-store',
    },
    body: Buffer.from(html),
  };
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('"', '&quot;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}
