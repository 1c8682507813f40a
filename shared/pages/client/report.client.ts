/** The script of a report's page: search, filters, order, and what is shown of it. */
import { countOf, toCount } from '../../report/html/format.ts';
import { openBook } from '../../report/html/page-data.ts';
import { makeSelect, type Query } from '../../report/html/select.ts';
import { setUpCopy } from './copy.ts';
import { findElement, onClick } from './find-element.ts';
import { setUpCertificates } from './report/certificates.ts';
import { showElsewhere } from './report/elsewhere.ts';
import { setUpFindings } from './report/findings.ts';
import { readPageData } from './report/read-page-data.ts';
import { setUpToolbar } from './report/toolbar.ts';
import { setUpTheme } from './theme.ts';

async function start(): Promise<void> {
  setUpTheme(findElement('.theme', HTMLElement));
  showElsewhere();
  const book = openBook(await readPageData(findElement('#data', HTMLScriptElement)));
  const select = makeSelect(book);
  const certificates = setUpCertificates(findElement('#certificates-part', HTMLElement), book);
  const findings = setUpFindings(
    findElement('#findings-list', HTMLElement),
    findElement('#acknowledged-list', HTMLElement),
    book,
  );
  const acknowledgedPart = findElement('#acknowledged-part', HTMLElement);
  const form = findElement('.toolbar', HTMLFormElement);
  const toolbar = setUpToolbar(form, ask);
  form.hidden = book.rows.length + book.findings.length === 0;
  setUpCopy((text) => (findElement('#said', HTMLElement).textContent = text));
  document.documentElement.dataset['live'] = '';
  ask({});
  toFinding();
  addEventListener('hashchange', toFinding);
  onClick(document, 'data-certificate', (id, _, event) => {
    event.preventDefault();
    showAll();
    certificates.reveal(id);
  });
  addEventListener('beforeprint', () => showWhole(true));
  addEventListener('afterprint', () => showWhole(false));

  function ask(query: Query): void {
    const asked = Object.values(query).some((value) => value !== undefined);
    const { rows, findings: found, acknowledged } = select(query);
    certificates.show(rows, asked);
    findings.show(found, acknowledged);
    acknowledgedPart.hidden = acknowledged.length === 0;
    toolbar.tell(
      asked
        ? `${ofAll(found.length + acknowledged.length, book.findings.length, 'finding')}, ${ofAll(rows.length, book.rows.length, 'certificate')}`
        : '',
    );
  }

  function showWhole(whole: boolean): void {
    certificates.showWhole(whole);
    findings.showWhole(whole);
  }

  function showAll(): void {
    toolbar.clear();
    ask({});
  }

  /** A link to a finding leads to it, wherever it is: filtered out, folded, not yet shown. */
  function toFinding(): void {
    const id = decode(location.hash.slice(1));
    if (!book.findings.some((finding) => finding.id === id)) return;
    if (!findings.reveal(id)) {
      showAll();
      findings.reveal(id);
    }
    const element = document.getElementById(id);
    element?.focus();
    element?.scrollIntoView({ block: 'center' });
  }
}

function ofAll(found: number, all: number, one: string): string {
  return `${toCount(found)} of ${countOf(all, one)}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

void start();
