import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readLocalSettings, withoutThoseOf } from '../../../local/host/local-settings.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

const appDir = temporaryFolder();

function read(text: string) {
  writeFileSync(join(appDir, 'local.settings.json'), text);
  return readLocalSettings(appDir);
}

describe('local.settings.json', () => {
  test('may be missing', () => {
    expect(readLocalSettings(join(appDir, 'elsewhere'))).toEqual({
      ...{ values: {}, port: undefined, cors: undefined },
    });
  });

  test('gives settings, connection strings, the port and whose pages may call', () => {
    const settings = read(`{ // as Core Tools write it
      "IsEncrypted": false,
      "values": { "A": "x", "N": 3, "B": true, "Nothing": null },
      "ConnectionStrings": { "Db": "server" },
      "Host": { "LocalHttpPort": 7072, "CORS": "*" },
    }`);
    expect(settings).toEqual({
      values: { A: 'x', N: '3', B: 'true', 'ConnectionStrings:Db': 'server' },
      port: 7072,
      cors: { origins: ['*'], credentials: false },
    });
  });

  test('gives way to the environment', () => {
    const settings = read('{ "Values": { "A": "file", "B": "file", "C": "file" } }');
    expect(withoutThoseOf({ A: 'here', B: '' }, settings)).toEqual({ C: 'file' });
  });

  test.each([
    ['[]', 'must hold a JSON object'],
    ['{ "Values": [] }', '"Values" must be an object'],
    ['{ "Values": { "A": { "B": "hunter2" } } }', '"Values.A" must be text'],
    ['{ "Host": { "LocalHttpPort": "many" } }', '"Host.LocalHttpPort" is no port'],
    ['{ "IsEncrypted": true, "Values": { "A": "hunter2" } }', 'func settings decrypt'],
    ['{ "Values": { "A": "hunter2" "B": 1 } }', 'it is not JSON (line 1, column'],
  ])('%s is refused: %s', (text, reason) => {
    expect(() => read(text)).toThrow(reason);
    expect(() => read(text)).not.toThrow('hunter2');
  });
});
