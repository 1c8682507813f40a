import { makeAttachTarget } from '../../../functions/activities/attach-target.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import type { ClientCertificates } from '../../../shared/domain/target-ports.ts';
import type { ServiceObservation } from '../../../shared/domain/service.ts';
import { targetKey } from '../../../shared/domain/target.ts';
import type { TargetState } from '../../../shared/domain/target-state.ts';
import {
  makeBinding,
  makeInstalled,
  makeState,
  OTHER_SOURCE,
  PROBLEM,
  SOURCE,
  TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger, type MemoryLedger } from '../../support/memory-ledger.ts';

const SECRET = 'https://contoso-kv.vault.azure.net/secrets/gateway-client';
const INPUT = { source: SOURCE, target: TARGET, secretIdentifier: SECRET };
const SYSTEM = { systemAssigned: { objectId: 'o' }, userAssigned: [] };
const TAKEN: Problem = { code: 'TARGET_TAKEN', message: 'it came into being meanwhile' };
const UPLOADED = makeState({ reference: { kind: 'uploaded' } });
const LATER: Problem = { code: 'AZURE_UNAVAILABLE', message: 'not now' };

function setUp({
  identity = SYSTEM,
  ledger = makeMemoryLedger(),
  there = [],
}: {
  identity?: ServiceObservation['identity'];
  ledger?: MemoryLedger;
  /** What is at the target at one look after the other; then nothing. */
  there?: readonly TargetState[];
} = {}) {
  const looks = [...there];
  const attach = jest.fn<
    ReturnType<ClientCertificates['attach']>,
    Parameters<ClientCertificates['attach']>
  >(() => Promise.resolve(makeInstalled()));
  const run = makeAttachTarget({
    access: {
      service: (name) =>
        Promise.resolve({
          id: '/gw',
          name,
          identity,
          provisioningState: 'Succeeded',
          sku: 'Basic',
        }),
    },
    certificates: { attach, observe: () => Promise.resolve(looks.shift() ?? { kind: 'absent' }) },
    ledger,
  });
  const owner = () => ledger.claims.get(targetKey(TARGET));
  return {
    attach,
    run: (more: Pick<Parameters<typeof run>[0], 'identity'> = {}) => run({ ...INPUT, ...more }),
    owner,
  };
}

describe('Attaching', () => {
  test('takes the target for the source, and creates it with the identity left out', async () => {
    const { attach, run, owner } = setUp();
    await expect(run()).resolves.toEqual(makeState());
    expect(attach).toHaveBeenCalledWith(TARGET, SECRET, undefined);
    expect(owner()).toEqual(SOURCE);
  });

  test('names a user-assigned identity by its client id', async () => {
    const user = { resourceId: '/u', objectId: 'o', clientId: 'client-id' };
    const { attach, run } = setUp({ identity: { userAssigned: [user] } });
    await run();
    expect(attach).toHaveBeenCalledWith(TARGET, SECRET, 'client-id');
  });

  test('takes the identity that was found before, and asks for none', async () => {
    const { attach, run } = setUp({ identity: { userAssigned: [] } });
    await run({ identity: { kind: 'user-assigned', clientId: 'found-before' } });
    expect(attach).toHaveBeenCalledWith(TARGET, SECRET, 'found-before');
  });

  test('touches nothing where no identity could read the vault', async () => {
    const { attach, run, owner } = setUp({ identity: { userAssigned: [] } });
    await expect(run()).rejects.toMatchObject({ problem: { code: 'IDENTITY_MISSING' } });
    expect(attach).not.toHaveBeenCalled();
    expect(owner()).toBeUndefined();
  });

  test('touches nothing that belongs to another source', async () => {
    const ledger = makeMemoryLedger([makeBinding({ source: OTHER_SOURCE })]);
    const { attach, run, owner } = setUp({ ledger });
    await expect(run()).rejects.toMatchObject({ problem: { code: 'TARGET_TAKEN' } });
    expect(attach).not.toHaveBeenCalled();
    expect(owner()).toEqual(OTHER_SOURCE);
  });

  test('gives a claim that led to nothing back', async () => {
    const { attach, run, owner } = setUp();
    attach.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run()).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toBeUndefined();
  });

  test('gives it back too when it was refused only after it was put off', async () => {
    const { attach, run, owner } = setUp();
    attach.mockRejectedValueOnce(new TransientError(LATER));
    await expect(run()).rejects.toBeInstanceOf(TransientError);
    attach.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run()).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toBeUndefined();
  });

  test('gives it back too when it is left of a run that was cut off', async () => {
    const ledger = makeMemoryLedger();
    await ledger.claim(SOURCE, TARGET);
    const { attach, run, owner } = setUp({ ledger });
    attach.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run()).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toBeUndefined();
  });

  test('keeps the claim of a binding that is put back, whatever comes of it', async () => {
    const { attach, run, owner } = setUp({ ledger: makeMemoryLedger([makeBinding()]) });
    attach.mockRejectedValueOnce(new TerminalError(PROBLEM));
    await expect(run()).rejects.toMatchObject({ problem: PROBLEM });
    expect(owner()).toEqual(SOURCE);
  });

  test('answers what it created itself when it runs again after a crash', async () => {
    const { attach, run, owner } = setUp({ there: [makeState()] });
    await expect(run()).resolves.toEqual(makeState());
    expect(attach).not.toHaveBeenCalled();
    expect(owner()).toEqual(SOURCE);
  });

  test('answers what it created itself when it runs twice at once', async () => {
    const { attach, run, owner } = setUp({ there: [{ kind: 'absent' }, makeState()] });
    attach.mockRejectedValueOnce(new TerminalError(TAKEN));
    await expect(run()).resolves.toEqual(makeState());
    expect(owner()).toEqual(SOURCE);
  });

  test('never overwrites what came into being since it was planned', async () => {
    const { attach, run, owner } = setUp({ there: [UPLOADED] });
    await expect(run()).rejects.toMatchObject({ problem: { code: 'TARGET_TAKEN' } });
    expect(attach).not.toHaveBeenCalled();
    expect(owner()).toBeUndefined();
  });

  test('leaves what somebody else created at the same moment to them', async () => {
    const { attach, run, owner } = setUp({ there: [{ kind: 'absent' }, UPLOADED] });
    attach.mockRejectedValueOnce(new TerminalError(TAKEN));
    await expect(run()).rejects.toMatchObject({ problem: TAKEN });
    expect(owner()).toBeUndefined();
  });
});
