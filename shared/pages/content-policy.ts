import { createHash } from 'node:crypto';

/**
 * The Content-Security-Policy of a page: its own script and style, each by its hash, and nothing
 * else. No network, no inline handler, no `style` attribute, no form that is sent, unless it is said. It can stand in a
 * `<meta>`; what only a header can say, `asHeader` adds.
 *
 * @param connect what the script may ask, e.g. `'self'`; nothing by default
 * @param forms where its forms may be sent; nowhere by default
 */
export function contentPolicy({
  script,
  style,
  connect = "'none'",
  forms = "'none'",
}: {
  readonly script: string;
  readonly style: string;
  readonly connect?: "'self'" | "'none'";
  readonly forms?: "'self'" | "'none'";
}): string {
  return [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    'img-src data:',
    `connect-src ${connect}`,
    "base-uri 'none'",
    `form-action ${forms}`,
    "require-trusted-types-for 'script'",
    'trusted-types certkeeper',
  ].join('; ');
}

/** The policy as it is sent: nobody may put the page into a frame of his own. */
export function asHeader(policy: string): string {
  return `${policy}; frame-ancestors 'none'`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
