import { readNotify } from '../../shared/config/notify.ts';

const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET_ADDRESS = 'https://prod-1.example.logic.azure.com/workflows/x?sig=s3cr3t';
const UNRESOLVED = '@Microsoft.KeyVault(SecretUri=https://contoso-kv.vault.azure.net/secrets/x)';
const RULES = 'findings => teams:ops-team, webhook, slack, topic';
const GOOD = {
  CERTKEEPER_NOTIFY: RULES,
  CERTKEEPER_EVENTS_TOPIC: 'https://topic.example/api/events',
  CERTKEEPER_NOTIFY_TEAMS_OPS_TEAM: SECRET_ADDRESS,
  CERTKEEPER_NOTIFY_SLACK: 'https://hooks.slack.com/services/T0/B0/s3cr3t',
  CERTKEEPER_NOTIFY_WEBHOOK: 'https://siem.example/hook',
  CERTKEEPER_NOTIFY_WEBHOOK_SECRET: `whsec_${KEY}`,
};

describe('who is told, by the settings', () => {
  it('nobody, unless a rule says so', () => {
    expect(readNotify({})).toEqual({ notify: { rules: [], places: [] }, problems: [] });
    expect(readNotify({ CERTKEEPER_NOTIFY: '  ' }).problems).toEqual([]);
  });

  it('each place has its address, and a webhook its key, in settings of its own', () => {
    const { notify, problems } = readNotify(GOOD);
    expect(problems).toEqual([]);
    expect(notify.places).toEqual([
      { name: 'slack', kind: 'slack', address: GOOD.CERTKEEPER_NOTIFY_SLACK },
      { name: 'teams:ops-team', kind: 'teams', address: SECRET_ADDRESS },
      { name: 'topic', kind: 'topic' },
      {
        name: 'webhook',
        kind: 'webhook',
        address: 'https://siem.example/hook',
        signingKey: new Uint8Array(32).fill(7),
      },
    ]);
  });

  it('a Key Vault reference that could not be followed is no reason not to start', () => {
    const { notify, problems } = readNotify({
      ...GOOD,
      CERTKEEPER_NOTIFY_SLACK: UNRESOLVED,
      CERTKEEPER_NOTIFY_WEBHOOK_SECRET: UNRESOLVED,
    });
    expect(problems).toEqual([]);
    expect(notify.places).toMatchObject([{ name: 'slack' }, {}, {}, { name: 'webhook' }]);
    expect(notify.places[0]).not.toHaveProperty('address');
    expect(notify.places[3]).not.toHaveProperty('signingKey');
  });

  const LOCAL = { CERTKEEPER_LOCAL_AZURE: 'http://127.0.0.1:7072' };
  test.each<[string, Record<string, string | undefined>, string, RegExp]>([
    ['a rule', { CERTKEEPER_NOTIFY: 'EXPRIED => slack' }, 'CERTKEEPER_NOTIFY', /neither/],
    ['no topic', { CERTKEEPER_EVENTS_TOPIC: '' }, 'CERTKEEPER_EVENTS_TOPIC', /is missing/],
    ['no address', { CERTKEEPER_NOTIFY_SLACK: ' ' }, 'CERTKEEPER_NOTIFY_SLACK', /is missing/],
    [
      'http',
      { CERTKEEPER_NOTIFY_SLACK: 'http://s3cr3t.example' },
      'CERTKEEPER_NOTIFY_SLACK',
      /https/,
    ],
    [
      'http to this machine, on Azure',
      { CERTKEEPER_NOTIFY_SLACK: 'http://127.0.0.1:1/s3cr3t' },
      'CERTKEEPER_NOTIFY_SLACK',
      /https/,
    ],
    [
      'http to elsewhere, on one machine',
      { ...LOCAL, CERTKEEPER_NOTIFY_SLACK: 'http://127.0.0.1.s3cr3t.example/' },
      'CERTKEEPER_NOTIFY_SLACK',
      /https/,
    ],
    [
      'no address at all',
      { CERTKEEPER_NOTIFY_SLACK: 's3cr3t' },
      'CERTKEEPER_NOTIFY_SLACK',
      /https/,
    ],
    [
      'a password',
      { CERTKEEPER_NOTIFY_SLACK: 'https://me:s3cr3t@hooks.example' },
      'CERTKEEPER_NOTIFY_SLACK',
      /user name or password/,
    ],
    [
      'no key',
      { CERTKEEPER_NOTIFY_WEBHOOK_SECRET: undefined },
      'CERTKEEPER_NOTIFY_WEBHOOK_SECRET',
      /is missing: whsec_/,
    ],
    [
      'a key that is too short',
      { CERTKEEPER_NOTIFY_WEBHOOK_SECRET: 'whsec_czNjcjN0' },
      'CERTKEEPER_NOTIFY_WEBHOOK_SECRET',
      /24 to 64/,
    ],
    [
      'a key that is no base64',
      { CERTKEEPER_NOTIFY_WEBHOOK_SECRET: `whsec_s3cr3t!${KEY}` },
      'CERTKEEPER_NOTIFY_WEBHOOK_SECRET',
      /24 to 64/,
    ],
    [
      'a key of another form',
      { CERTKEEPER_NOTIFY_WEBHOOK_SECRET: `s3cr3t${KEY}` },
      'CERTKEEPER_NOTIFY_WEBHOOK_SECRET',
      /24 to 64/,
    ],
  ])('%s is told by the name of its setting, and never quoted', (_name, change, name, problem) => {
    const { problems } = readNotify({ ...GOOD, ...change });
    expect(problems).toEqual([{ name, problem: expect.stringMatching(problem) as string }]);
    expect(JSON.stringify(problems)).not.toMatch(/s3cr3t|czNjcjN0/);
  });

  it('on one machine a receiver may be there too', () => {
    const address = 'http://127.0.0.1:9099/hook';
    const { notify, problems } = readNotify({
      ...{ ...GOOD, ...LOCAL, CERTKEEPER_NOTIFY_SLACK: address },
    });
    expect(problems).toEqual([]);
    expect(notify.places[0]).toMatchObject({ address });
  });
});
