import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { signWebhook } from '../../../shared/notify/sign-webhook.ts';

const KEY = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
const AT = new Date('2026-11-28T02:00:00.900Z');

/** As somebody would do it by hand, who has openssl and the documentation. */
function signedByOpenssl(key: Buffer, text: string): string {
  const mac = spawnSync(
    'openssl',
    ['dgst', '-sha256', '-mac', 'HMAC', '-macopt', `hexkey:${key.toString('hex')}`, '-binary'],
    { input: text },
  );
  if (mac.status !== 0) throw new Error(mac.stderr.toString());
  return mac.stdout.toString('base64');
}

describe('the signature of a webhook', () => {
  it('is the one that Standard Webhooks publishes for its example', () => {
    // https://github.com/standard-webhooks/standard-webhooks, libraries: the example that all share.
    const headers = signWebhook(KEY, {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      body: '{"test": 2432232314}',
      at: new Date(1_614_265_330_000),
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test.each([
    ['plain', '{"version":1}'],
    ['not plain', '{"message":"Ärger 証明書 👍 .\\u0000"}'],
    ['empty', ''],
  ])('can be checked with nothing but openssl: %s', (_name, body) => {
    const headers = signWebhook(KEY, { id: 'm.1', body, at: AT });
    const [id, time] = [headers['webhook-id'] ?? '', headers['webhook-timestamp'] ?? ''];
    expect(headers['webhook-signature']).toBe(
      `v1,${signedByOpenssl(KEY, `${id}.${time}.${body}`)}`,
    );
  });

  describe('the recipe of docs/notifications.md', () => {
    const docs = readFileSync(path.join(__dirname, '../../../docs/notifications.md'), 'utf8');
    const recipe = /```js\n([^]*?verify[^]*?)```/.exec(docs)?.[1] ?? '';
    const verify = (changes: { body?: string; secret?: string; ageSeconds?: number }) => {
      const body = '{"version":1,"id":"m-1"}';
      const at = new Date(Date.now() - (changes.ageSeconds ?? 0) * 1_000);
      const headers = signWebhook(KEY, { id: 'm-1', body, at });
      const program = `${recipe}
        const [secret, headers, body] = JSON.parse(process.argv[1]);
        process.stdout.write(String(verify(secret, headers, body)));`;
      const secret = changes.secret ?? `whsec_${KEY.toString('base64')}`;
      const run = spawnSync(process.execPath, [
        ...['--input-type=module', '-e', program],
        JSON.stringify([secret, headers, changes.body ?? body]),
      ]);
      return run.stdout.toString() || run.stderr.toString();
    };

    test.each([
      ['believes what was signed', {}, 'true'],
      ['believes no other body', { body: '{"version":2}' }, 'false'],
      ['believes no other key', { secret: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, 'false'],
      ['believes nothing that is old', { ageSeconds: 600 }, 'false'],
    ])('%s', (_name, changes, expected) => {
      expect(verify(changes)).toBe(expected);
    });
  });
});
