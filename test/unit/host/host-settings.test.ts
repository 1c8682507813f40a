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
  test('may be missing', () => {
    expect(read(undefined)).toEqual({
      routePrefix: 'api',
      logLevels: {},
      durableTask: {},
      functions: undefined,
    });
  });

  test('may hold what only Azure goes by, such as how long a function may take', () => {
    expect(read('{"version":"2.0","functionTimeout":"00:30:00"}')).toMatchObject({
      routePrefix: 'api',
    });
  });

  test('says the route prefix, log levels and what belongs to the durable extension', () => {
    const settings = read(
      JSON.stringify({
        version: '2.0',
        logging: { logLevel: { Default: 'Warning', 'Function.x': 'Debug' } },
        extensions: { http: { routePrefix: '/v1/' }, durableTask: { hubName: 'hub' } },
        functions: ['x'],
      }),
    );
    expect(settings).toEqual({
      routePrefix: 'v1',
      logLevels: { default: 'warning', 'Function.x': 'debug' },
      durableTask: { hubName: 'hub' },
      functions: ['x'],
    });
  });

  test('gives way to settings named after its values', () => {
    const settings = read('\uFEFF{"version":"2.0","extensions":{"http":{"routePrefix":"api"}}}', {
      AzureFunctionsJobHost__extensions__HTTP__routePrefix: '',
      AzureFunctionsJobHost__logging__logLevel__default: 'Error',
    });
    expect(settings).toMatchObject({ routePrefix: '', logLevels: { default: 'error' } });
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
  ])('%s is refused, naming what is wrong', (text, named) => {
    expect(() => read(text)).toThrow(named);
  });
});

describe('Log levels', () => {
  const levels = {
    default: 'warning',
    Function: 'information',
    'Function.noisy': 'error',
  } as const;

  test.each([
    ['Host.Startup', 'warning'],
    ['Function.a', 'information'],
    ['Function.noisy', 'error'],
    ['Function.noisy.User', 'error'],
    ['Function.noisyToo', 'information'],
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
