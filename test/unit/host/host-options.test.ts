import { requireHostOptions } from '../../../local/host/require-host-options.ts';
import { HostStartError } from '../../../local/host/start-error.ts';

const good = { appDir: '.', stateDir: 'state', port: 0 };

test.each([
  ['appDir', undefined, 'startHost needs the option "appDir" (string): the folder'],
  ['appDir', {}, '"appDir"'],
  ['stateDir', { appDir: '.', port: 0 }, '"stateDir" (string)'],
  ['stateDir', { ...good, stateDir: '' }, '"stateDir" (string)'],
  ['port', { appDir: '.', stateDir: 'state' }, '"port" (number): the port to listen on'],
  ['port', { ...good, port: '7071' }, '"port" (number)'],
])('a host is told that it needs %s', (_name, options, message) => {
  const run = () => requireHostOptions(options);
  expect(run).toThrow(HostStartError);
  expect(run).toThrow(message);
});

test('a host with what it needs is not stopped', () => {
  expect(() => requireHostOptions(good)).not.toThrow();
});
