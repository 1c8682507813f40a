/** One certificate in the dashboard's table, with its bindings and what is in the way. */
import type { DashboardView } from './dashboard-view.ts';
import { ago, cureText, expiry, shortThumbprint, statusBadge } from './words.ts';
import { toDay } from '../html/format.ts';
import { html, type Html } from '../../pages/html.ts';
import type { Binding, SourceRecord } from '../../domain/binding.ts';
import type { ListedCertificate } from '../../domain/certificate-list.ts';
import type { Problem, ProblemCode } from '../../domain/errors.ts';
import { formatSource, isWithoutVault } from '../../domain/source.ts';
import { formatTarget, targetKey } from '../../domain/target.ts';

/** A row, keyed by the certificate's name so that the script can tell it again. */
export function certificateRow(
  listed: ListedCertificate,
  { reader, now, operationOf }: Pick<DashboardView, 'reader' | 'now' | 'operationOf'>,
): Html {
  const { record, status } = listed;
  const name = formatSource(record.source);
  const problems = [...record.problems, ...(listed.unreadable ?? [])];
  const { suspect } = record;
  return html`<tr id="row-${name}" role="row" class="${status}">
    <th scope="row" role="rowheader">
      <span class="name">${record.source.name}</span>
      <span class="quiet">${record.source.vault}</span>
      ${record.thumbprint !== undefined && shortThumbprint(record.thumbprint)}
    </th>
    <td role="cell">${statusBadge(status)}</td>
    <td role="cell" class="expires">${expiry(record.expiresAt, now)}</td>
    <td role="cell">
      ${problems.map(problemText)}${suspect !== undefined && problemText(suspect.problem)}
      ${
        listed.bindings.length === 0
          ? html`<p class="quiet">Bound to nothing.</p>`
          : html`<ul class="bindings">
              ${listed.bindings.map((binding) => bindingItem(binding, listed))}
            </ul>`
      }
      ${details(listed)}
    </td>
    <td role="cell" class="acts">
      ${reader.maySync && acts(name, listed, { reader, operationOf })}
    </td>
  </tr>`;
}

function bindingItem(binding: Binding, listed: ListedCertificate): Html {
  const { target, status, problem, verifiedAt } = binding;
  const orphan = listed.orphans?.find(
    (one) => one.backAt === undefined && targetKey(one.target) === targetKey(target),
  );
  const warnings = binding.broken?.problems ?? [];
  return html`<li>
    <span class="target">${formatTarget(target)}</span>
    ${status !== listed.status && statusBadge(status)} ${holding(binding, listed.record)}
    ${verifiedAt !== undefined && html`<span class="quiet">verified ${ago(verifiedAt)}</span>`}
    ${binding.leaving === true && html`<span class="quiet">is being detached</span>`}
    ${problem !== undefined && problemText(problem)} ${warnings.map(problemText)}
    ${
      orphan?.removeAfter !== undefined &&
      html`<p class="problem">It is removed here after ${toDay(orphan.removeAfter)}.</p>`
    }
  </li>`;
}

/** Whether the target holds what the vault holds. */
function holding({ targetThumbprint }: Binding, { thumbprint }: SourceRecord): Html {
  if (targetThumbprint === undefined) return html`<span class="quiet">holds nothing yet</span>`;
  if (targetThumbprint === thumbprint) return html`<span class="same">same thumbprint</span>`;
  return html`<span class="other">holds ${shortThumbprint(targetThumbprint)}</span>`;
}

/** What is wrong, and what the reader can do. */
export function problemText({ message, cure }: Problem): Html {
  return html`<p class="problem">${message} ${cureText(cure)}</p>`;
}

/** What few want to see, folded away. */
function details({ record, bindings, access = [] }: ListedCertificate): Html {
  const { version, thumbprint, seenAt } = record;
  const entries: readonly (readonly [string, Html | string | undefined])[] = [
    ['Version', version],
    ['Thumbprint', thumbprint],
    ['Vault last read', seenAt === undefined ? undefined : ago(seenAt)],
    ...bindings.map((binding): readonly [string, Html] => {
      const checked = access.find((one) => targetKey(one.target) === targetKey(binding.target));
      return [formatTarget(binding.target), bindingDetails(binding, checked?.verdict)];
    }),
  ];
  return html`<details>
    <summary>Details</summary>
    <dl>
      ${entries.map(
        ([term, value]) =>
          value !== undefined &&
          html`<dt>${term}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
  </details>`;
}

function bindingDetails(binding: Binding, access: string | undefined): Html {
  const { origin, targetThumbprint, verifiedVersion, changedAt } = binding;
  return html`${ORIGIN_WORDS[origin]}
  ${targetThumbprint !== undefined && html`<br />holds <code>${targetThumbprint}</code>`}
  ${verifiedVersion !== undefined && html`<br />version <code>${verifiedVersion}</code>`}
  ${changedAt !== undefined && html`<br />last changed ${ago(changedAt)}`}
  ${access !== undefined && html`<br />access to the vault: ${access}`}`;
}

const ORIGIN_WORDS: Readonly<Record<Binding['origin'], string>> = {
  tag: 'asked for by a tag',
  http: 'asked for by a call',
  discovered: 'found at the service',
};

/** Nothing can be synced that no vault holds; a new version of it is an upload of its own. */
function acts(
  name: string,
  listed: ListedCertificate,
  { reader, operationOf }: Pick<DashboardView, 'reader' | 'operationOf'>,
): Html {
  const { source, version } = listed.record;
  if (isWithoutVault(source)) return html``;
  const button = (act: string, word: string): Html =>
    html`<button
      type="button"
      class="button button-small"
      id="${act}-${name}"
      data-act="${act}"
      data-vault="${source.vault}"
      data-name="${source.name}"
      ${
        act === 'approve' && html`data-operation="${operationOf(source)}" data-version="${version}"`
      }
      aria-label="${word} ${name}"
      disabled
    >
      ${word}
    </button>`;
  return html`${reader.mayManage && isHeld(listed) && button('approve', 'Approve')}${button('sync', 'Sync')}${button('plan', 'Plan')}${button('version', 'New version')}`;
}

/** By these a target waits until somebody lets its source's current version go. */
const HELD_BY: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'VERSION_HELD',
  'REFERENCES_WOULD_BREAK',
  'USAGE_UNKNOWN',
]);

function isHeld({ bindings }: ListedCertificate): boolean {
  return bindings.some(({ problem }) => problem !== undefined && HELD_BY.has(problem.code));
}
