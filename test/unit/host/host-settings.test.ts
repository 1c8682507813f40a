import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readHostSettings } from '../../../local/host/host-settings.ts';
import { makeLog, thresholdFor, type HostLogLine } from '../../../local/host/log.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const folder = temporaryFolder();
let count = 0;

function read(hostJson: string | undefined, environment: Record<string, string> = {}) {
  const appDir = join(folder, `app${(count += 1)}`);
  mkdirSync(appDir);
  if (hostJson !== undefined) writeFileSync(join(appDir, 'host.json'), hostJson);
  return readHostSettings(appDir, environment);
}

describe('host.json', () => {
  const noLimits = {
    maxOutstandingRequests: undefined,
    maxConcurrentRequests: undefined,
    customHeaders: {},
  };

  test('may be missing', () => {
    expect(read(undefined)).toEqual({
      http: { routePrefix: 'api', ...noLimits },
      functionTimeoutMs: 30 * 60_000,
      logLevels: {},
      durableTask: {},
      functions: undefined,
    });
  });

  test('says the route prefix, log levels and what belongs to the durable extension', () => {
    const settings = read(
      JSON.stringify({
        version: '2.0',
        functionTimeout: '00:05:00',
        logging: { logLevel: { Default: 'Warning', 'Function.x': 'Debug' } },
        extensions: { http: { routePrefix: '/v1/' }, durableTask: { hubName: 'hub' } },
        functions: ['x'],
      }),
    );
    expect(settings).toEqual({
      http: { routePrefix: 'v1', ...noLimits },
      functionTimeoutMs: 5 * 60_000,
      logLevels: { default: 'warning', 'Function.x': 'debug' },
      durableTask: { hubName: 'hub' },
      functions: ['x'],
    });
  });

  test('says how many requests there may be, and what every answer carries', () => {
    const http = {
      maxOutstandingRequests: 20,
      maxConcurrentRequests: -1,
      customHeaders: { 'X-Own': 'yes' },
      hsts: { isEnabled: true, maxAge: '10' },
    };
    const hostJson = JSON.stringify({ version: '2.0', extensions: { http } });
    const concurrent = 'AzureFunctionsJobHost__extensions__http__maxConcurrentRequests';
    expect(read(hostJson, { [concurrent]: '10' }).http).toEqual({
      ...{ routePrefix: 'api', customHeaders: { 'x-own': 'yes' } },
      ...{ maxOutstandingRequests: 20, maxConcurrentRequests: 10 },
    });
    expect(read(hostJson).http).toMatchObject({ maxConcurrentRequests: undefined });
  });

  test.each(['-1', '"-1"'])('lets functions run for ever with the timeout %s', (timeout) => {
    const settings = read(`{"version":"2.0","functionTimeout":${timeout}}`);
    expect(settings.functionTimeoutMs).toBeUndefined();
  });

  test('gives way to settings named after its values', () => {
    const settings = read('\uFEFF{"version":"2.0","extensions":{"http":{"routePrefix":"api"}}}', {
      AzureFunctionsJobHost__extensions__HTTP__routePrefix: '',
      AzureFunctionsJobHost__logging__logLevel__default: 'Error',
    });
    expect(settings).toMatchObject({ http: { routePrefix: '' }, logLevels: { default: 'error' } });
  });

  test.each([
    ['{', 'host.json'],
    ['[]', 'JSON object'],
    ['{}', 'version'],
    ['{"version":"1.0"}', 'version'],
    ['{"version":"2.0","extensions":3}', '"extensions"'],
    ['{"version":"2.0","extensions":{"http":{"routePrefix":3}}}', 'routePrefix'],
    ['{"version":"2.0","logging":{"logLevel":{"default":"Loud"}}}', 'logLevel.default'],
    ['{"version":"2.0","functions":"x"}', '"functions"'],
    ['{"version":"2.0","functionTimeout":"soon"}', '"functionTimeout"'],
    ['{"version":"2.0","functionTimeout":30}', '"functionTimeout"'],
    ['{"version":"2.0","extensions":{"http":{"maxOutstandingRequests":0}}}', 'maxOutstanding'],
    ['{"version":"2.0","extensions":{"http":{"maxConcurrentRequests":"a"}}}', 'maxConcurrent'],
    ['{"version":"2.0","extensions":{"http":{"customHeaders":{"a b":"c"}}}}', 'a b'],
    ['{"version":"2.0","extensions":{"http":{"customHeaders":{"a":"\\r\\n"}}}}', 'customHeaders.a'],
  ])('%s is refused, naming what is wrong', (text, named) => {
    expect(() => read(text)).toThrow(named);
  });
});

describe('Log levels', () => {
  const levels = {
    default: 'warning',
    Function: 'information',
    'Function.noisy': 'error',
    'Microsoft.*.Web': 'critical',
  } as const;

  test.each([
    ['Host.Startup', 'warning'],
    ['Function.a', 'information'],
    ['Function.noisy', 'error'],
    ['Function.noisy.User', 'error'],
    ['Function.noisyToo', 'error'],
    ['function.A', 'information'],
    ['Microsoft.Identity.Web', 'critical'],
    ['Microsoft.Identity', 'warning'],
  ])('the category %s speaks from %s', (category, threshold) => {
    expect(thresholdFor(category, levels)).toBe(threshold);
  });

  test('are information where nothing is said', () => {
    expect(thresholdFor('Host', {})).toBe('information');
  });

  test('let through what is heavy enough, and nothing of what is switched off', () => {
    const lines: HostLogLine[] = [];
    const log = makeLog({ ...levels, Silent: 'none' }, (line) => lines.push(line));
    log('information', 'Host', 'no');
    log('warning', 'Host', 'yes');
    log('critical', 'Silent', 'no');
    log('debug', 'Function.a', 'no');
    log('information', 'Function.a', 'yes', { functionName: 'a', invocationId: '1' });
    expect(lines.map(({ message }) => message)).toEqual(['yes', 'yes']);
    expect(lines[1]).toMatchObject({ functionName: 'a', invocationId: '1', level: 'information' });
  });
});
