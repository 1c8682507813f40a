/**
 * The part of the dashboard that changes. The page begins with it, and its script asks for it again
 * and again and puts what is new into the place of what was there.
 *
 * How the script knows what belongs where: an element with `data-keyed` has children with an `id`
 * each, and they are compared one by one; any other element with an `id` is replaced as a whole.
 */
import { auditPart } from './audit-part.ts';
import { certificatesPart } from './certificates-part.ts';
import type { DashboardView, Reader } from './dashboard-view.ts';
import { dialogs } from './dialogs.ts';
import { operationsPart } from './operations-part.ts';
import { html, type Html } from '../../pages/html.ts';

/** Where the script asks for it. */
export const LIVE_PATH = '/api/dashboard/live';

export function livePart(view: DashboardView): Html {
  return html`<main id="live" class="page-body" data-keyed data-from="${LIVE_PATH}">
    ${auditPart(view.audit, view.reader, view.key)} ${operationsPart(view.operations)}
    ${certificatesPart(view)} ${readerPart(view.reader)} ${dialogs(view.care, view.reader)}
  </main>`;
}

function readerPart({ name, maySync }: Reader): Html {
  return html`<p id="reader" class="quiet">
    ${name === undefined ? 'You hold a function key.' : `You are signed in as ${name}.`}
    ${
      maySync
        ? 'You may look and change.'
        : 'You may look. Changes take the app role Certkeeper.Upload.'
    }
  </p>`;
}
