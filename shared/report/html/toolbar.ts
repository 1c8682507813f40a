import { SEVERITIES } from '../../domain/audit/audit-report.ts';
import { FINDING_KINDS } from '../../domain/audit/finding-kinds.ts';
import { html, type Html } from '../../pages/html.ts';
import type { PageData } from './page-data.ts';
import type { Query } from './select.ts';
import { SEVERITY_WORDS } from './words.ts';

interface Choice {
  readonly value: string;
  readonly text: string;
}

/** Search and filters; without a script there is nothing that could answer, so they do not show. */
export function toolbar(data: PageData): Html {
  const codes = [...new Set(data.findings.map(({ code }) => code))];
  return html`<form class="toolbar" role="search" hidden aria-label="Findings and certificates">
    <label class="search">
      <span class="visually-hidden">Search findings and certificates</span>
      <input
        class="input"
        type="search"
        name="text"
        placeholder="Search"
        autocomplete="off"
        spellcheck="false"
        aria-keyshortcuts="/"
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
    <details class="filters">
      <summary class="button">Filters</summary>
      <div class="choices">
        ${choose(
          'severity',
          'Severity',
          'All severities',
          SEVERITIES.map((value) => ({ value, text: SEVERITY_WORDS[value] })),
        )}
        ${choose('service', 'Service', 'All services', namesOf(data, 'service'))}
        ${choose('vault', 'Vault', 'All vaults', namesOf(data, 'vault'))}
        ${choose(
          'code',
          'Finding',
          'All findings',
          codes.map((value) => ({ value, text: FINDING_KINDS[value].title })).sort(byText),
        )}
        ${choose('owner', 'Owner', 'All owners', ownersOf(data))}
      </div>
    </details>
    <button type="button" class="button" data-clear>Clear</button>
    <p class="result quiet" role="status"></p>
  </form>`;
}

function choose(
  name: keyof Query,
  title: string,
  all: string,
  choices: readonly Choice[],
): Html | undefined {
  // One choice is none.
  if (choices.length < 2) return undefined;
  return html`<label>
    <span class="visually-hidden">${title}</span>
    <select class="input" name="${name}">
      <option value="">${all}</option>
      ${choices.map(({ value, text }) => html`<option value="${value}">${text}</option>`)}
    </select>
  </label>`;
}

function namesOf({ holders }: PageData, kind: 'vault' | 'service'): Choice[] {
  return toChoices(holders.filter((holder) => holder.kind === kind).map(({ name }) => name));
}

function ownersOf({ rows }: PageData): Choice[] {
  return toChoices(rows.map(({ owner }) => owner).filter((owner) => owner !== undefined));
}

function toChoices(values: readonly string[]): Choice[] {
  return [...new Set(values)].map((value) => ({ value, text: value })).sort(byText);
}

function byText(a: Choice, b: Choice): number {
  return a.text < b.text ? -1 : 1;
}
