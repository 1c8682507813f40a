/** What the dashboard's buttons open. The page's script fills them and sends what is in them. */
import type { Care, Reader } from './dashboard-view.ts';
import { html, type Html } from '../../pages/html.ts';

export function dialogs(care: Care, reader: Reader): Html {
  return html`<div id="dialogs">
    ${reader.maySync && html`${upload(care)}${plan()}`} ${reader.mayManage && acknowledgement()}
  </div>`;
}

function upload({ vaults, services }: Care): Html {
  const places = services.slice(0, 3).join(', ');
  return html`<dialog id="upload-dialog" aria-labelledby="upload-title">
    <form id="upload-form" novalidate>
      <h2 id="upload-title">Upload a certificate</h2>
      <p class="quiet" id="upload-about">
        It goes into Key Vault, from there to its targets, and rotates from then on.
      </p>
      ${field('file', 'File', html`<input ${marks('file')} type="file" accept=".pfx,.p12,.pem" required />`, 'PKCS#12 (.pfx, .p12) or PEM, with its private key')}
      ${field('password', 'Password', html`<input ${marks('password')} type="password" autocomplete="off" />`, 'Of the file, if it has one. It is not kept.')}
      ${field(
        'vault',
        'Vault',
        html`<select ${marks('vault')}>
          ${vaults.map((vault) => html`<option>${vault}</option>`)}
        </select>`,
      )}
      ${field('name', 'Name', html`<input ${marks('name')} type="text" maxlength="127" autocomplete="off" spellcheck="false" required />`, 'In the vault: letters, digits and hyphens')}
      ${field('targets', 'Targets', html`<input ${marks('targets')} type="text" autocomplete="off" spellcheck="false" />`, `Where to install it, with commas: ${places === '' ? 'contoso-gw' : places}. A workspace is contoso-gw/workspaces/team-a.`)}
      <p class="fault" id="upload-fault" role="alert"></p>
      <div id="upload-course" hidden>
        <progress id="upload-progress" max="100" value="0" aria-label="Upload"></progress>
        <p id="upload-step" role="status"></p>
      </div>
      <p class="acts">
        <button type="submit" class="button button-main">Upload</button>
        <button type="button" class="button" data-close>Close</button>
      </p>
    </form>
  </dialog>`;
}

function plan(): Html {
  return html`<dialog id="plan-dialog" aria-labelledby="plan-title">
    <h2 id="plan-title">Plan</h2>
    <div id="plan-body" aria-live="polite"></div>
    <p class="acts">
      <button type="button" id="plan-sync" class="button button-main">Sync now</button>
      <button type="button" class="button" data-close>Close</button>
    </p>
  </dialog>`;
}

function acknowledgement(): Html {
  return html`<dialog id="acknowledge-dialog" aria-labelledby="acknowledge-title">
    <form id="acknowledge-form" novalidate>
      <h2 id="acknowledge-title">Acknowledge a finding</h2>
      <p id="acknowledge-about"></p>
      ${field('reason', 'Reason', html`<textarea ${marks('reason')} rows="3" maxlength="500" required></textarea>`, 'Why it may stay as it is')}
      ${field('until', 'Until', html`<input ${marks('until')} type="date" required />`, 'From the next day on it counts again')}
      <p class="fault" id="acknowledge-fault" role="alert"></p>
      <p class="acts">
        <button type="submit" class="button button-main">Acknowledge</button>
        <button type="button" class="button" data-close>Close</button>
      </p>
    </form>
  </dialog>`;
}

/** A field with its label, a hint, and the place where the script says what is wrong with it. */
function field(name: string, label: string, input: Html, hint = ''): Html {
  return html`<div class="field" data-field="${name}">
    <label for="field-${name}">${label}</label>
    ${input}
    <p class="quiet" id="hint-${name}">${hint}</p>
    <p class="fault" id="fault-${name}"></p>
  </div>`;
}

function marks(name: string): Html {
  return html`class="input" id="field-${name}" name="${name}" aria-describedby="hint-${name}
  fault-${name}"`;
}
