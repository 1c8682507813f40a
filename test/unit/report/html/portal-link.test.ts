import * as fc from 'fast-check';
import { portalLink } from '../../../../shared/report/html/portal-link.ts';

const SERVICE =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg (1)/providers/Microsoft.ApiManagement/service/contoso-gw'.replace(
    ' ',
    '_',
  );

describe('a link to the Azure portal', () => {
  it.each([
    ['a service', SERVICE],
    ['what lies inside of it', `${SERVICE}/workspaces/a/certificates/b`],
    ['what lies inside of it, by any name', `${SERVICE}/certificates/"><script>`],
  ])('leads from %s to the service', (_, id) => {
    expect(portalLink(id)).toBe(`https://portal.azure.com/#resource${SERVICE}`);
  });

  it.each([
    ['an address in a vault', 'https://contoso-kv.vault.azure.net/certificates/a'],
    ['a script', `javascript:alert(1)//${SERVICE}`],
    ['another host', `//evil.example${SERVICE}`],
    ['a path that is cut off', SERVICE.slice(0, SERVICE.lastIndexOf('/'))],
    ['a name that is none', `${SERVICE}"onmouseover="`],
    ['nothing', ''],
  ])('is not made of %s', (_, id) => {
    expect(portalLink(id)).toBeUndefined();
  });

  it('always leads to the portal, whatever the id', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        for (const id of [before + SERVICE + after, SERVICE + after]) {
          expect(portalLink(id) ?? 'https://portal.azure.com/#resource/').toMatch(
            /^https:\/\/portal\.azure\.com\/#resource\/[\w/.()-]*$/,
          );
        }
      }),
    );
  });
});
