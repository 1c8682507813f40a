/** A course in which something of every kind happens for certain. */
import type { Course } from './any-course.ts';

const HOUR = 3_600;
const target = { origin: 'tag', service: 0, inWorkspace: false } as const;
const sweep = { kind: 'sweep', how: 'once', cuts: undefined, meanwhile: undefined } as const;

/**
 * Of four certificates the first is deleted and nothing uses it; the second is deleted and in use; the
 * third is deleted and back before its time; the fourth stays, and shows that the vault is there.
 */
export const sureCourse: Course = {
  shape: {
    services: 1,
    vaults: 1,
    sources: [0, 1, 2, 3].map(() => ({ vault: 0, targets: [target] })),
    policy: {
      mode: 'remove',
      graceSeconds: HOUR,
      afterRecovery: false,
      discovered: true,
      maxShare: 1,
    },
    assumptions: {
      deleteCertificateInUse: 'refuse',
      allPoliciesIncludesWorkspaces: 'no',
      updateWithoutIfMatch: 'refuse',
    },
  },
  references: [{ kind: 'refer', target: 1, spec: { form: 'id', scope: 0, inWorkspace: false } }],
  lastTrouble: undefined,
  lastDeed: undefined,
  episodes: [
    [
      ...[0, 1, 2].map((source) => ({ kind: 'delete' as const, source })),
      sweep,
      { kind: 'recover', source: 2 },
      sweep,
      { kind: 'pass', seconds: 2 * HOUR },
      sweep,
    ],
  ],
};
