/** Whether a certificate may be taken away, by what uses it. */
import { judgeUse, type CertificateReference } from './certificate-use.ts';
import { describeReferences } from './describe-reference.ts';
import type { Problem } from './errors.ts';
import { formatTarget, type CertificateTarget } from './target.ts';

/**
 * What keeps a certificate from being removed: nothing that is in use is, whoever asks. What only
 * may be in use is removed when somebody takes it upon himself (`forced`). Undefined = it may go.
 *
 * @param asOf when API Management was read for it, ISO 8601
 */
export function problemOfRemoval(
  target: CertificateTarget,
  references: readonly CertificateReference[],
  { forced, asOf }: { readonly forced: boolean; readonly asOf?: string },
): Problem | undefined {
  const path = formatTarget(target);
  const when = asOf === undefined ? '' : ` API Management was read for that at ${asOf}.`;
  switch (judgeUse(references)) {
    case 'unused':
      return undefined;
    case 'in-use': {
      const certain = references.filter(({ certainty }) => certainty === 'certain');
      const others = references.length - certain.length;
      return {
        code: 'TARGET_IN_USE',
        message: `${path} is used by ${describeReferences(certain, others)}; it was left as it is.${when}`,
        resource: path,
        cure: 'Let them use another certificate first, then detach it again.',
      };
    }
    case 'may-be-in-use':
      if (forced) return undefined;
      return {
        code: 'TARGET_MAY_BE_IN_USE',
        message: `${path} may be used by ${describeReferences(references)}, which cannot be told from outside; it was left as it is.${when}`,
        resource: path,
        cure: 'Look at them. If none of them uses it, detach it with force=true (role Certkeeper.Manage).',
      };
  }
}
