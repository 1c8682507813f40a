import { frontPage } from '../../../local/host/http/front-page.ts';

describe('The front page of the host', () => {
  it('leads to the page that the app has for people', () => {
    const { headers, body } = frontPage(3, '/api/dashboard');
    expect(headers['content-type']).toContain('text/html');
    expect(Buffer.from(body).toString()).toContain('<a href="/api/dashboard">');
  });

  it('only says what it is where the app has none', () => {
    const { headers, body } = frontPage(3, undefined);
    expect(headers['content-type']).toContain('text/plain');
    expect(Buffer.from(body).toString()).toContain('3 functions run here');
  });
});
