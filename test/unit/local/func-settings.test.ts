import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ensureLocalSettings } from '../../../local/func/local-settings.ts';
import { temporaryFolder } from '../../support/host/temporary-folder.ts';

describe('the local settings for Core Tools', () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'local.settings.json');

  it('are the least that starts, and hold nothing secret', () => {
    expect(ensureLocalSettings(folder)).toBe('written');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      IsEncrypted: false,
      Values: { FUNCTIONS_WORKER_RUNTIME: 'node' },
    });
  });

  it("stay as they are when they are somebody's own", () => {
    writeFileSync(file, '{"mine":true}');
    expect(ensureLocalSettings(folder)).toBe('kept');
    expect(readFileSync(file, 'utf8')).toBe('{"mine":true}');
  });

  it('are not written through a link that leads nowhere yet', () => {
    const linked = path.join(folder, 'linked');
    mkdirSync(linked);
    const target = path.join(folder, 'target.json');
    symlinkSync(target, path.join(linked, 'local.settings.json'));
    expect(ensureLocalSettings(linked)).toBe('kept');
    expect(existsSync(target)).toBe(false);
  });
});
