import type { AuditReport } from '../../shared/domain/audit/audit-report.ts';
import { makeReport } from '../support/audit/make-report.ts';
import { closeBrowser } from '../support/browser/open-browser.ts';
import { namesIn, openReport, REPORT_ADDRESS } from '../support/browser/open-report.ts';

afterAll(closeBrowser);

const report = makeReport({ certificates: 60 });

describe('searching a report', () => {
  it('shows what has every word, in findings and certificates, and says how much that is', async () => {
    const { page } = await openReport(report);
    const search = page.getByRole('searchbox');
    await search.fill('cert-11 gateways');
    expect(await namesIn(page)).toEqual(['gateways/shop/hostnames/cert-11']);
    expect(await page.getByRole('status').first().innerText()).toMatch(
      /^\d+ of \d+ findings, 1 of 60 certificates$/,
    );
    await search.fill('nothing has this');
    expect(await page.locator('main').innerText()).toContain('No certificate fits.');
    expect(await page.locator('main').innerText()).toContain('No finding fits.');
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(await namesIn(page)).toHaveLength(60);
    expect(await page.getByRole('status').first().innerText()).toBe('');
  });

  it.each([
    ['Severity', 'Critical'],
    ['Service', 'contoso-shop'],
    ['Vault', 'contoso-kv'],
    ['Finding', 'The certificate has expired'],
    ['Owner', 'team-pay'],
  ])('by %s leaves fewer, and all choices together have to fit', async (filter, choice) => {
    const { page } = await openReport(report);
    await page.getByRole('combobox', { name: filter }).selectOption(choice);
    const names = await namesIn(page);
    expect(names.length).toBeLessThan(60);
    await page.getByRole('searchbox').fill('cert-1');
    expect((await namesIn(page)).length).toBeLessThanOrEqual(names.length);
  });
});

describe('the table of certificates', () => {
  it('goes by a column, turns round, and says so', async () => {
    const { page } = await openReport(report);
    await page.getByLabel('By service and vault').uncheck();
    const header = page.getByRole('columnheader', { name: 'Expires' });
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('ascending');
    const days = () =>
      page
        .locator('td.column-expires time')
        .evaluateAll((times) => times.map((time) => time.getAttribute('datetime') ?? ''));
    const up = await days();
    expect(up).toEqual(up.toSorted());
    await header.getByRole('button').click();
    expect(await header.getAttribute('aria-sort')).toBe('descending');
    expect(await days()).toEqual(up.toSorted().reverse());
    expect(await page.evaluate(() => document.activeElement?.textContent.trim())).toBe('Expires');
  });

  it('folds and unfolds what a service holds, one by one and all at once', async () => {
    const { page } = await openReport(report);
    const service = page.getByRole('button', { name: 'contoso-gw', exact: true });
    await service.click();
    expect(await service.getAttribute('aria-expanded')).toBe('false');
    expect((await namesIn(page)).length).toBeLessThan(60);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    expect(await namesIn(page)).toHaveLength(60);
    await page.getByRole('button', { name: 'Fold all' }).click();
    expect(await namesIn(page)).toEqual([]);
  });

  it('shows all that is known of a certificate below it', async () => {
    const { page } = await openReport(report);
    const row = page.getByRole('button', { name: 'certificates/cert-1', exact: true });
    await row.click();
    const details = page.locator('tr.details');
    for (const known of ['CN=cert-1.contoso.com, O=Contoso', 'RSA 2048', 'to be removed']) {
      expect((await details.innerText()).toLowerCase()).toContain(known.toLowerCase());
    }
    await row.click();
    expect(await details.count()).toBe(0);
  });

  it('leads to the Azure portal', async () => {
    const { page } = await openReport(report);
    const [link] = await page.getByRole('link', { name: 'Azure portal' }).all();
    expect(await link?.getAttribute('href')).toMatch(
      /^https:\/\/portal\.azure\.com\/#resource\/subscriptions\/.*\/service\/contoso-gw$/,
    );
  });
});

describe('a finding', () => {
  it('gives its command away', async () => {
    const { page } = await openReport(report);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], {
      origin: new URL(REPORT_ADDRESS).origin,
    });
    await page.locator('.finding .copy').first().click();
    await page.locator('.copy[data-said="Copied"]').waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /^npx certkeeper show /,
    );
    expect(await page.locator('#said').innerText()).toBe('Copied');
  });

  it('leads to its certificate, also when that is filtered out and folded', async () => {
    const { page } = await openReport(makeReport({ certificates: 400 }));
    const link = page.locator('.finding [data-certificate]').first();
    const name = (await link.innerText()).split('/').at(-1);
    await link.click();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain(name);
    expect(await page.locator('tr.details').count()).toBe(1);
  });

  it.each([
    [
      'in a closed group',
      (all: AuditReport['findings']) => all.findLast((one) => one.acknowledged === undefined),
    ],
    [
      'that is acknowledged',
      (all: AuditReport['findings']) => all.find((one) => one.acknowledged !== undefined),
    ],
    ['far down in a long group', (all: AuditReport['findings']) => all[1_500]],
  ])('%s is where a link to it leads', async (_, choose) => {
    const long = makeLong();
    const id = choose(long.findings)?.id ?? '';
    const { page } = await openReport(long, { hash: `#${encodeURIComponent(id)}` });
    await page.locator(`[id="${id}"]:focus`).waitFor();
    expect(await page.locator(`[id="${id}"]`).isVisible()).toBe(true);
    // Somebody who has filtered it out follows another link to it.
    await page.getByRole('searchbox').fill('nothing has this');
    await page.evaluate((hash) => {
      location.hash = '';
      location.hash = hash;
    }, id);
    await page.locator(`[id="${id}"]:focus`).waitFor();
  });

  it('in a group of thousands is shown when somebody asks for more', async () => {
    const { page } = await openReport(makeLong());
    await page.locator('[data-group=USED_BY_NOTHING] summary').click();
    const shown = page.locator('[data-group=USED_BY_NOTHING] .finding');
    await shown.first().waitFor();
    expect(await shown.count()).toBe(25);
    await page.getByRole('button', { name: /^Show 200 of / }).click();
    expect(await shown.count()).toBe(225);
  });
});

describe('somebody with a keyboard alone', () => {
  it('reaches the search with a slash and empties it with Escape', async () => {
    const { page } = await openReport(report);
    await page.keyboard.press('/');
    await page.keyboard.type('cert-11/');
    expect(await page.getByRole('searchbox').inputValue()).toBe('cert-11/');
    await page.keyboard.press('Escape');
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    expect(await namesIn(page)).toHaveLength(60);
  });

  it('skips to the findings, opens one, unfolds a certificate, and always sees where he is', async () => {
    const { page } = await openReport(report);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('findings');
    const unseen: string[] = [];
    let opened = false;
    for (let at = 0; at < 400; at += 1) {
      await page.keyboard.press('Tab');
      const { kind, outlined, text } = await page.evaluate(() => {
        const focused = document.activeElement;
        const { outlineStyle } = getComputedStyle(focused ?? document.body);
        return {
          kind:
            focused?.matches('.group:not([open]) > summary') === true
              ? 'group'
              : focused?.hasAttribute('data-unfold') === true
                ? 'certificate'
                : '',
          outlined: outlineStyle !== 'none',
          text: focused?.textContent ?? '',
        };
      });
      if (!outlined) unseen.push(text);
      if (kind === 'group' && !opened) {
        await page.keyboard.press('Enter');
        opened = true;
      }
      if (kind === 'certificate') break;
    }
    await page.keyboard.press('Enter');
    expect(unseen).toEqual([]);
    expect(opened).toBe(true);
    expect(await page.locator('tr.details').count()).toBe(1);
    expect(await page.evaluate(() => document.activeElement?.hasAttribute('data-unfold'))).toBe(
      true,
    );
  });
});

describe('ten thousand certificates', () => {
  it('are there to be found, sorted and paged, a page of them in the document', async () => {
    const many = makeReport({ certificates: 10_000 });
    const { page, complaints } = await openReport(many);
    // An overview first: services and vaults, folded.
    expect(await namesIn(page)).toEqual([]);
    await page.getByRole('searchbox').fill('cert-9999');
    expect(await namesIn(page)).toHaveLength(1);
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.getByRole('button', { name: 'Unfold all' }).click();
    expect((await namesIn(page)).length).toBeLessThanOrEqual(100);
    const next = page.getByRole('button', { name: 'Next' }).first();
    const back = page.getByRole('button', { name: 'Back' }).first();
    expect(await back.isDisabled()).toBe(true);
    const first = await namesIn(page);
    await next.click();
    expect(await namesIn(page)).not.toEqual(first);
    const pages = page.getByRole('navigation', { name: 'Pages of certificates' });
    expect(await pages.first().innerText()).toContain('Page 2 of 101');
    expect(await page.locator('tr.holder').first().innerText()).toContain('continued');
    await page.getByLabel('By service and vault').uncheck();
    await page.getByRole('columnheader', { name: 'Status' }).getByRole('button').click();
    expect(await page.locator('tr.certificate .column-status').first().innerText()).toContain(
      'Critical',
    );
    expect(complaints).toEqual([]);
  });
});

/** One finding a certificate: nobody uses any of three thousand. */
function makeLong(): AuditReport {
  const long = makeReport({ certificates: 3_000 });
  const [sample] = long.findings;
  if (sample === undefined) throw new Error('The sample has no findings.');
  const unused = long.certificates.map(({ id, resourceId }, at) => ({
    ...sample,
    ...{
      id: `used-by-nothing-${String(at)}`,
      code: 'USED_BY_NOTHING' as const,
      severity: 'low' as const,
    },
    ...{ about: id, resourceId },
  }));
  const others = long.findings.filter(({ code }) => code !== 'USED_BY_NOTHING');
  return { ...long, findings: [...others, ...unused] };
}
