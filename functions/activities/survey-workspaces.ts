import { TerminalError, type Problem } from '../../shared/domain/errors.ts';
import type { Ledger } from '../../shared/domain/ledger-ports.ts';
import type { PushedCertificates } from '../../shared/domain/target-ports.ts';
import type { Source } from '../../shared/domain/source.ts';
import {
  isUnreadable,
  parseTarget,
  type WorkspaceCertificateTarget,
} from '../../shared/domain/target.ts';

/** A workspace's certificate that belongs to a source. */
interface Held {
  readonly owner: Source;
  readonly target: WorkspaceCertificateTarget;
}

/**
 * Lists the workspaces of a service in which something is bound, and only those, and takes the
 * ledger's word back wherever something else is found: the survey of the vaults asks for a sync then,
 * which reads it. A workspace that cannot be read is reported and holds up no other. Idempotent.
 */
export async function surveyWorkspaces(
  ports: {
    readonly ledger: Pick<Ledger, 'binding' | 'saveBinding'>;
    readonly pushed: Pick<PushedCertificates, 'list'>;
  },
  service: string,
  claims: ReadonlyMap<string, Source>,
): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const [workspace, held] of inWorkspaces(claims)) {
    const found = await listWorkspace(ports.pushed, service, workspace, problems);
    if (found === undefined) continue;
    for (const { owner, target } of held) {
      await compare(ports.ledger, owner, target, found.get(target.id.toLowerCase()));
    }
  }
  return problems;
}

function inWorkspaces(claims: ReadonlyMap<string, Source>): ReadonlyMap<string, readonly Held[]> {
  const workspaces = new Map<string, Held[]>();
  for (const [path, owner] of claims) {
    const target = parseTarget(path, owner);
    if (isUnreadable(target) || target.kind !== 'workspace-certificate') continue;
    const held = workspaces.get(target.workspace) ?? [];
    workspaces.set(target.workspace, [...held, { owner, target }]);
  }
  return workspaces;
}

/** Thumbprints by id, lower case; undefined when it cannot be told what is there. */
async function listWorkspace(
  pushed: Pick<PushedCertificates, 'list'>,
  service: string,
  workspace: string,
  problems: Problem[],
): Promise<ReadonlyMap<string, string | undefined> | undefined> {
  const found = new Map<string, string | undefined>();
  try {
    for await (const { id, installed } of pushed.list(service, workspace)) {
      found.set(id.toLowerCase(), installed.thumbprint);
    }
  } catch (error) {
    if (!(error instanceof TerminalError)) throw error;
    // With the workspace its certificates are gone: their syncs say so.
    if (error.problem.code === 'WORKSPACE_NOT_FOUND') return new Map();
    problems.push(error.problem);
    return undefined;
  }
  return found;
}

async function compare(
  ledger: Pick<Ledger, 'binding' | 'saveBinding'>,
  owner: Source,
  target: WorkspaceCertificateTarget,
  thumbprint: string | undefined,
): Promise<void> {
  const known = await ledger.binding(owner, target);
  if (known?.claimed !== true || known.targetThumbprint === undefined) return;
  if (known.targetThumbprint === thumbprint) return;
  // What is blocked or failed is looked at by every sweep anyway, and keeps saying why.
  if (known.status !== 'verified' && known.status !== 'pending') return;
  const { targetThumbprint: _, pushed, ...rest } = known;
  await ledger.saveBinding({
    ...rest,
    status: 'pending',
    // What Certkeeper put there it knows again; the state it left behind is gone.
    ...(pushed === undefined ? {} : { pushed: { thumbprint: pushed.thumbprint } }),
  });
}
