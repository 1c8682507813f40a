import { surveyWorkspaces } from '../../../functions/activities/survey-workspaces.ts';
import { TerminalError, TransientError, type Problem } from '../../../shared/domain/errors.ts';
import {
  makeBinding,
  makePushedBinding,
  makeUploaded,
  NEW_THUMBPRINT,
  OLD_THUMBPRINT,
  PROBLEM,
  SOURCE,
  WORKSPACE_TARGET,
} from '../../support/domain-samples.ts';
import { makeMemoryLedger } from '../../support/memory-ledger.ts';

const GONE: Problem = { code: 'WORKSPACE_NOT_FOUND', message: 'there is no workspace team-a' };
const IN_ORDER = makePushedBinding({
  targetThumbprint: NEW_THUMBPRINT,
  pushed: { thumbprint: NEW_THUMBPRINT, etag: '"1"' },
});
type Found = Readonly<Record<string, string>> | Error;

/** Surveys twice, over what each workspace holds: thumbprints by id. */
async function survey(
  bindings: readonly ReturnType<typeof makeBinding>[],
  places: Record<string, Found>,
) {
  const ledger = makeMemoryLedger(bindings);
  const listed: string[] = [];
  const pushed = {
    async *list(service: string, workspace: string) {
      listed.push(`${service}/${workspace}`);
      const found = places[workspace] ?? {};
      if (found instanceof Error) throw found;
      for (const [id, thumbprint] of Object.entries(found)) {
        yield { id, installed: makeUploaded({ thumbprint }).installed };
      }
    },
  };
  const claims = await ledger.claimsOf('contoso-gw');
  const problems = await surveyWorkspaces({ ledger, pushed }, 'contoso-gw', claims);
  const writes = ledger.writes();
  await surveyWorkspaces({ ledger, pushed }, 'contoso-gw', claims);
  expect(ledger.writes()).toBe(writes);
  const [binding] = (await ledger.ofSource(SOURCE)).bindings;
  return { problems, binding, writes, listed: listed.slice(0, listed.length / 2) };
}

describe('The survey of workspaces', () => {
  test('lists those in which something is bound, and no other', async () => {
    const { listed } = await survey([makeBinding(), IN_ORDER], { 'team-a': {}, 'team-b': {} });
    expect(listed).toEqual(['contoso-gw/team-a']);
  });

  test('leaves what is in order as it is, in whatever case its id is written', async () => {
    const found = { 'team-a': { 'Gateway-Client': NEW_THUMBPRINT } };
    const { writes, problems } = await survey([IN_ORDER], found);
    expect([writes, problems]).toEqual([0, []]);
  });

  test.each<[sentence: string, found: Found]>([
    ['its certificate is gone', {}],
    ['something else is there', { 'gateway-client': OLD_THUMBPRINT }],
    ['the workspace is gone', new TerminalError(GONE)],
  ])('takes the word of the ledger back when %s', async (_, found) => {
    const { binding, problems } = await survey([IN_ORDER], { 'team-a': found });
    expect(binding).toMatchObject({ status: 'pending', claimed: true });
    expect(binding).not.toHaveProperty('targetThumbprint');
    // Its own certificate it knows again, and overwrites nothing on a state that is gone.
    expect(binding?.pushed).toEqual({ thumbprint: NEW_THUMBPRINT });
    expect(problems).toEqual([]);
  });

  test('lets what is blocked keep saying why', async () => {
    const blocked = { ...IN_ORDER, status: 'blocked', problem: PROBLEM } as const;
    expect((await survey([blocked], { 'team-a': {} })).writes).toBe(0);
  });

  test('reports a workspace that cannot be read, and looks at the others', async () => {
    const other = { ...IN_ORDER, target: { ...WORKSPACE_TARGET, workspace: 'team-b' } };
    const { problems, listed, writes } = await survey([IN_ORDER, other], {
      'team-a': new TerminalError(PROBLEM),
    });
    expect(problems).toEqual([PROBLEM]);
    expect(listed).toEqual(['contoso-gw/team-a', 'contoso-gw/team-b']);
    expect(writes).toBe(1);
  });

  test('is tried again by the engine when Azure does not answer', async () => {
    const later = new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'not now' });
    await expect(survey([IN_ORDER], { 'team-a': later })).rejects.toBe(later);
  });
});
