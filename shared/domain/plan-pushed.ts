/**
 * The plan for a certificate that is pushed: one of a workspace, which cannot read Key Vault
 * ("Workspaces in Azure API Management": no managed identity). API Management holds a copy and does
 * not know where it came from, so whose it is follows from the ledger and from the vault's versions.
 */
import type { PlanInput, Step } from './plan.ts';
import { blocked, planNothingThere, rereadOr, taken } from './plan-steps.ts';
import { formatSource, type CurrentVersion, type Source } from './source.ts';
import { formatTarget, type Target } from './target.ts';
import type { InstalledCertificate } from './target-state.ts';

/** Answers the next step at a pushed target of a source whose current version is usable. */
export function planPushed(input: PlanInput, current: CurrentVersion): Step {
  const { source, target, state } = input;
  if (current.exportable === false) return notExportable(source, target);
  switch (state.kind) {
    case 'unread':
      return { kind: 'observe', reason: 'TargetUnread' };
    case 'recorded':
      if (state.thumbprint === current.thumbprint)
        return { kind: 'none', reason: 'AlreadyCurrent' };
      // Nothing is overwritten that was not seen.
      return state.etag === undefined
        ? { kind: 'observe', reason: 'TargetUnread' }
        : push('NewVersion', current, state.etag);
    case 'absent':
      return planNothingThere(
        input,
        'it is gone again after it was put there',
        push('TargetAbsent', current),
      );
    case 'present':
      return planPresent(input, state.installed, current);
  }
}

function planPresent(
  input: PlanInput,
  installed: InstalledCertificate,
  current: CurrentVersion,
): Step {
  const { source, target, standing, takeOver, tries, pushedThumbprint } = input;
  const { reference, thumbprint, etag = '*' } = installed;
  const foreign = (): Step => {
    if (takeOver === true && tries.refreshes === 0) return push('TakenOver', current, etag);
    return standing.kind === 'bound' ? changed(source, target) : taken(source, target);
  };
  // A workspace is documented not to read Key Vault; whoever makes it do so keeps it current so.
  if (reference.kind !== 'uploaded') return foreign();
  if (thumbprint === current.thumbprint) return { kind: 'none', reason: 'AlreadyCurrent' };
  if (tries.refreshes > 0) return rereadOr(input, thumbprint);
  const ours = thumbprint !== undefined && thumbprint === pushedThumbprint;
  if (ours || reference.ofSource === true) return push('NewVersion', current, etag);
  return reference.ofSource === undefined
    ? { kind: 'identify', reason: 'ContentUnknown', installed }
    : foreign();
}

type PushReason = Extract<Step, { kind: 'push' }>['reason'];

function push(reason: PushReason, { version, thumbprint }: CurrentVersion, etag?: string): Step {
  const wanted = { version, thumbprint };
  return { kind: 'push', reason, wanted, ...(etag === undefined ? {} : { etag }) };
}

/** Key Vault hands such a certificate out without its key. */
function notExportable(source: Source, target: Target): Step {
  return blocked('SourceNotPushable', {
    code: 'CERTIFICATE_NOT_EXPORTABLE',
    message: `The private key of ${formatSource(source)} is not exportable, so it cannot be put at ${formatTarget(target)}.`,
    resource: formatSource(source),
    cure: `Create a new version with an exportable key in its policy: az keyvault certificate create --vault-name ${source.vault} --name ${source.name} --policy @policy.json`,
  });
}

/** As with a reference that was pointed elsewhere: what somebody put there on purpose stays. */
function changed(source: Source, target: Target): Step {
  const path = formatTarget(target);
  return blocked('TargetChanged', {
    code: 'TARGET_CHANGED',
    message: `${path} was bound to ${formatSource(source)}, and somebody else has since put a certificate there that is no version of it; it was left as it is.`,
    resource: path,
    cure: 'Remove the certificate that is there, and Certkeeper puts its own back; or unbind it with the tag certkeeper-targets: none.',
  });
}
