import type { RunningOperation, RunningOperations } from './dashboard-view.ts';
import { ago, OPERATION_WORDS } from './words.ts';
import { countOf } from '../html/format.ts';
import { html, type Html } from '../../pages/html.ts';

/** What is going on now, and how far it is. */
export function operationsPart(operations: RunningOperations | undefined): Html {
  return html`<section id="operations" aria-labelledby="operations-title" data-keyed>
    <h2 id="operations-title">Running now</h2>
    ${list(operations)}
  </section>`;
}

function list(operations: RunningOperations | undefined): Html {
  if (operations === undefined) {
    return html`<p id="operations-unknown" class="quiet">
      What is running could not be read just now.
    </p>`;
  }
  const { shown, leftOut } = operations;
  if (shown.length === 0) return html`<p id="operations-none" class="quiet">Nothing just now.</p>`;
  return html`<ul id="running" data-keyed>
      ${shown.map(item)}
    </ul>
    ${
      leftOut > 0 &&
      html`<p id="operations-more" class="quiet">And ${countOf(leftOut, 'more operation')}.</p>`
    }`;
}

function item({ id, kind, about, step, startedAt }: RunningOperation): Html {
  return html`<li id="operation-${id}">
    <strong>${OPERATION_WORDS[kind]}</strong>
    ${about !== undefined && html`<span>${about}</span>`} <span class="step">${step}</span>
    <span class="quiet">began ${ago(startedAt)}</span>
  </li>`;
}
