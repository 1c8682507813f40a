import { readdirSync } from 'node:fs';
import os from 'node:os';
import { runCommand } from '../../support/command.ts';

jest.setTimeout(120_000);

const demoFolders = () =>
  readdirSync(os.tmpdir()).filter((name) => name.startsWith('certkeeper-demo-'));

test('the demonstration tells the whole story, exits with 0 and leaves nothing behind', async () => {
  const before = demoFolders();
  const demo = runCommand('demo.ts', []);
  expect(await demo.ended).toEqual({ code: 0, signal: null });
  const table = demo
    .output()
    .split('\n')
    .filter((line) =>
      /^(orders|gateway|team|invoices|partner|reports|contoso|and|release)-?\S* /.test(line),
    );
  expect(table.map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ['orders-client', 'contoso-gw', 'attached'],
    ['gateway-client', 'contoso-gw', 'rotated'],
    ['team-client', 'contoso-gw (team-a)', 'pushed'],
    ['invoices', 'contoso-gw, team-a', 'uploaded'],
    ['invoices', 'contoso-gw, team-a', 'rotated'],
    ['partner-mtls', 'contoso-eu-gw', 'repaired, rotated'],
    ['reports', 'contoso-lab-gw', 'given, attached'],
    ['gateway-client', 'contoso-gw', 'mended, rotated'],
    ['orders-client', 'contoso-gw', 'orphaned, kept'],
    ['orders-client', 'contoso-gw', 'removed'],
    ['orders-client', 'contoso-gw', 'undone'],
    ['contoso-root', 'contoso-gw', 'update under way'],
    ['and 2 more CAs', 'contoso-gw', 'all 3 there'],
    ['release-bot', 'Entra application', 'registered'],
    ['release-bot', 'Entra application', 'rotated'],
    ['release-bot', 'Entra application', 'renewed, no gap'],
    ['gateway-client', 'contoso-gw', 'blocked'],
    ['gateway-client', 'contoso-gw', 'rotated'],
  ]);
  expect(demoFolders().filter((name) => !before.includes(name))).toEqual([]);
});
