import { InvocationContext } from '@azure/functions';
import { eventType } from '../../../local/host/durable/history.ts';
import { readHistories, type RecordedHistory } from '../../support/histories/recorded-history.ts';
import { replayHistory } from '../../support/histories/replay-history.ts';
import { findUnread, readContracts } from '../../support/histories/find-unread.ts';
import { registeredFunctions } from '../../../local/host/test-kit/index.ts';

/**
 * Instances that an earlier release began go on with the present code. If this fails, the change that
 * made it fail would break what is under way: docs/upgrades.md says what may be changed and how.
 */
const GROUP =
  '/subscriptions/5eed0000-0000-4000-8000-000000000001/resourceGroups/rg-contoso/providers';
const SETTINGS = {
  CERTKEEPER_VAULTS: `${GROUP}/Microsoft.KeyVault/vaults/contoso-kv`,
  CERTKEEPER_SERVICES: `${GROUP}/Microsoft.ApiManagement/service/contoso-gw`,
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
};

const histories = readHistories();
const titled = histories.map((history) => ({
  ...{ history, title: `${history.release} ${history.orchestration} ${history.course}` },
}));

beforeAll(async () => {
  Object.assign(process.env, SETTINGS);
  await import('../../../functions/index.ts');
});
afterAll(() => {
  for (const name of Object.keys(SETTINGS)) Reflect.deleteProperty(process.env, name);
});

/** Calls what the app has registered. */
async function invoke(name: string, triggerInput: string): Promise<unknown> {
  const registered = registeredFunctions.get(name);
  if (registered === undefined) {
    throw new Error(`the app has no orchestration '${name}' any more`);
  }
  const context = new InvocationContext({ functionName: name, logHandler: () => undefined });
  return JSON.parse(JSON.stringify(await registered.callback(JSON.parse(triggerInput), context)));
}

const whatToDo = (history: RecordedHistory, problem: string): string =>
  `Instances of ${history.orchestration} that ${history.release} began would not go on ` +
  `("${history.course}"): ${problem}\nSee docs/upgrades.md, "Changing an orchestration".`;

test.each(titled)('an instance goes on: $title', async ({ history }) => {
  const problem = await replayHistory(history, invoke);
  expect(problem === undefined ? 'goes on' : whatToDo(history, problem)).toBe('goes on');
});

test.each(titled)('what was asked and answered is understood: $title', async ({ history }) => {
  const unread = findUnread(history, await readContracts());
  expect(unread.map((problem) => whatToDo(history, problem))).toEqual([]);
});

test('every orchestration of the app has histories, so that a change of it is noticed', () => {
  const orchestrations = [...registeredFunctions]
    .filter(([, { bindings }]) =>
      Object.values(bindings).some(({ type }) => type === 'orchestrationTrigger'),
    )
    .map(([name]) => name);
  const recorded = new Set(histories.map(({ orchestration }) => orchestration));
  // If this fails: add a course to test/support/histories/scenarios.ts, then
  // npm run histories:record
  expect(orchestrations.filter((name) => !recorded.has(name))).toEqual([]);
  expect(orchestrations.length).toBeGreaterThan(0);
});

describe('a change that breaks what is under way is named', () => {
  const [first] = histories.filter(({ orchestration }) => orchestration === 'Audit');
  const change = (edit: (text: string) => string): RecordedHistory =>
    JSON.parse(edit(JSON.stringify(first))) as RecordedHistory;

  test.each([
    [
      'another step in place of one',
      (text: string) => text.replaceAll('"ListCare"', '"ReadCare"'),
      "step 0 was the activity 'ReadCare' when it first ran, but this replay asks for the activity 'ListCare' there",
    ],
    [
      'a step that is asked for no more',
      (text: string) =>
        text.replace(/"EventId":\d+(?=[^{}]*"Name":"ComposeAudit")/, '"EventId":99'),
      "step 99 was the activity 'ComposeAudit' when it first ran, but this replay does not ask for it",
    ],
  ])('%s', async (_, edit, says) => {
    const problem = await replayHistory(change(edit), invoke);
    expect(problem).toContain("Non-deterministic orchestrator 'Audit'");
    expect(problem).toContain(says);
  });

  test('an orchestration that is gone', async () => {
    const gone = change((text) => text.replace('"orchestration":"Audit"', '"orchestration":"Old"'));
    expect(await replayHistory(gone, invoke)).toContain("no orchestration 'Old' any more");
  });

  test('an input that is read no more, and an activity that is gone', async () => {
    const contracts = await readContracts();
    const unread = findUnread(
      change((text) => text.replace(/\[\{\\"audit\\"/, '[{\\"report\\"')),
      contracts,
    );
    expect(unread).toHaveLength(1);
    expect(unread[0]).toContain('does not read its input');
    const gone = findUnread(
      change((text) => text.replaceAll('"TidyAudits"', '"Sweep2"')),
      contracts,
    );
    expect(gone).toEqual([expect.stringContaining("the activity 'Sweep2', is gone")]);
  });

  test('an answer that is read no more', async () => {
    const unread = findUnread(
      change((text) => text.replace('forgotten', 'left')),
      await readContracts(),
    );
    expect(unread).toEqual([
      expect.stringMatching(/'TidyAudits', gave an answer that is not read/),
    ]);
  });
});

test('histories hold executions from their beginning', () => {
  for (const { events } of histories) {
    expect(events[0]?.EventType).toBe(eventType.orchestratorStarted);
    expect(events[1]?.EventType).toBe(eventType.executionStarted);
  }
});
