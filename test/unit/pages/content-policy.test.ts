import { asHeader, contentPolicy } from '../../../shared/pages/content-policy.ts';

describe('the policy of a page', () => {
  const policy = contentPolicy({ script: 'alert(1)', style: 'a{}' });

  it('allows script and style by their hashes alone', () => {
    // openssl dgst -sha256 -binary <<< … | base64
    expect(policy).toContain("script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='");
    expect(policy).not.toContain('unsafe');
  });

  it.each(["default-src 'none'", "connect-src 'none'", "base-uri 'none'", "form-action 'none'"])(
    'says %s',
    (directive) => expect(policy.split('; ')).toContain(directive),
  );

  it('allows its own server to a page that asks it', () => {
    expect(contentPolicy({ script: '', style: '', connect: "'self'" })).toContain(
      "connect-src 'self'",
    );
  });

  it('forbids frames where only a header can', () => {
    expect(asHeader(policy)).toBe(`${policy}; frame-ancestors 'none'`);
  });
});
