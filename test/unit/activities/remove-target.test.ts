import { makeRemoveTarget } from '../../../functions/activities/remove-target.ts';
import type { CertificateReference } from '../../../shared/domain/certificate-use.ts';
import { TerminalError, TransientError, type ProblemCode } from '../../../shared/domain/errors.ts';
import {
  makeBinding,
  makeLooks,
  makeState,
  NEW_THUMBPRINT,
  NOW,
  OLD_THUMBPRINT,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const there = makeState({ etag: '"2"' });
const used: CertificateReference = {
  document: 'backends/orders',
  kind: 'backend',
  at: 'credentials.certificateIds[0]',
  by: 'id',
  certainty: 'certain',
  repairable: false,
};
const perhaps: CertificateReference = {
  document: 'policies/policy',
  kind: 'policy',
  at: 'inbound/authentication-certificate/@certificate-id, line 4',
  by: 'expression',
  certainty: 'possible',
  repairable: false,
};

function remove({
  refusal,
  references = [],
  forced,
  unread,
}: {
  refusal?: Error;
  references?: readonly CertificateReference[];
  forced?: true;
  unread?: Error;
} = {}) {
  const asked = jest.fn(() =>
    refusal === undefined ? Promise.resolve() : Promise.reject(refusal),
  );
  const of = jest.fn(() => references);
  const run = makeRemoveTarget({
    pushed: { observe: () => Promise.resolve(there), remove: asked },
    scanner: {
      scan: () =>
        unread === undefined
          ? Promise.resolve({ asOf: NOW, of, ofSource: () => [] })
          : Promise.reject(unread),
    },
    ledger: makeMemoryLedger(
      [makeBinding({ targetThumbprint: NEW_THUMBPRINT })],
      [
        {
          source: SOURCE,
          verified: { version: 'v', looks: makeLooks({ thumbprint: NEW_THUMBPRINT }) },
          earlier: [OLD_THUMBPRINT],
          problems: [],
        },
      ],
    ),
  });
  const result = run({
    target: TARGET,
    etag: '"1"',
    source: SOURCE,
    thumbprints: ['C'.repeat(40)],
    ...(forced === undefined ? {} : { forced }),
  });
  return { asked, of, result };
}

const refuse = (code: ProblemCode): TerminalError =>
  new TerminalError({ code, message: 'It says: no.' });

describe('Removing a target', () => {
  test('leaves nothing there, and is bound to the state that was seen', async () => {
    const { asked, result } = remove();
    await expect(result).resolves.toEqual({ kind: 'absent' });
    expect(asked).toHaveBeenCalledWith(TARGET, '"1"');
  });

  test('asks for what refers to it by any thumbprint that it has or had', async () => {
    const { of, result } = remove();
    await result;
    expect(of).toHaveBeenCalledWith(TARGET, ['C'.repeat(40), NEW_THUMBPRINT, OLD_THUMBPRINT]);
  });

  test('answers what is there now when somebody changed it', async () => {
    await expect(remove({ refusal: refuse('TARGET_CHANGED') }).result).resolves.toEqual(there);
  });

  test.each<
    [
      sentence: string,
      references: readonly CertificateReference[],
      forced: true | undefined,
      code: ProblemCode,
      named: string,
    ]
  >([
    ['when something uses it', [perhaps, used], undefined, 'TARGET_IN_USE', 'backends/orders'],
    ['when something uses it, forced or not', [used], true, 'TARGET_IN_USE', 'backends/orders'],
    ['when something may use it', [perhaps], undefined, 'TARGET_MAY_BE_IN_USE', 'policies/policy'],
  ])('is refused %s, and names that', async (_, references, forced, code, named) => {
    const { asked, result } = remove({ references, ...(forced === undefined ? {} : { forced }) });
    await expect(result).rejects.toMatchObject({
      problem: { code, message: expect.stringContaining(named) as string },
    });
    expect(asked).not.toHaveBeenCalled();
  });

  test('is done where something only may use it and somebody took that upon himself', async () => {
    const { result } = remove({ references: [perhaps], forced: true });
    await expect(result).resolves.toEqual({ kind: 'absent' });
  });

  test('is not done when nobody can tell what uses it', async () => {
    const unread = refuse('CERTKEEPER_PERMISSION_MISSING');
    const { asked, result } = remove({ unread, forced: true });
    await expect(result).rejects.toBe(unread);
    expect(asked).not.toHaveBeenCalled();
  });

  test('is refused in the words of API Management when that does not delete it', async () => {
    await expect(remove({ refusal: refuse('AZURE_REFUSED') }).result).rejects.toMatchObject({
      problem: {
        code: 'TARGET_IN_USE',
        message: expect.stringContaining('It says: no.') as string,
      },
    });
  });

  test('is put off as it stands', async () => {
    const busy = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'busy' });
    await expect(remove({ refusal: busy }).result).rejects.toBe(busy);
  });
});
