/** The test kit as one who writes tests meets it, mistakes included. */
import * as df from 'durable-functions';
import { makeOrchestrationKit } from '../../../local/host/test-kit/index.ts';
import { makeKit } from '../engine/engine-kit.ts';

df.app.activity('SendInvitation', { handler: (name: string) => `sent to ${name}` });
df.app.orchestration('Invite', function* (context) {
  return (yield context.df.callActivity('SendInvitation', 'Ada')) as unknown;
});
df.app.entity('Guests', ({ df: entity }) => entity.setState('of the app'));

// eslint-disable-next-line require-yield -- it ends before it asks for anything
function* ends(): Generator<never, string> {
  return 'replaced';
}

const guests = new df.EntityId('Guests', 'party');

describe('what a test gives to one kit', () => {
  it('is not there for the next: activities', async () => {
    const failing = await makeKit({
      activities: {
        SendInvitation: () => {
          throw new Error('no post today');
        },
      },
    });
    expect((await failing.run('Invite')).status).toBe('Failed');
    expect((await (await makeKit({})).run('Invite')).output).toBe('sent to Ada');
    // The first kit keeps it, a new engine included.
    await failing.restart();
    expect((await failing.run('Invite')).status).toBe('Failed');
  });

  it('is not there for the next: orchestrators and entities', async () => {
    await makeKit({
      orchestrators: { Invite: ends, Extra: ends },
      entities: { Guests: ({ df: entity }) => entity.setState('replaced' as never) },
    });
    const kit = await makeKit({});
    expect((await kit.run('Invite')).output).toBe('sent to Ada');
    expect(() => kit.start('Extra')).toThrow("There is no orchestrator 'Extra'; there is Invite.");
    await kit.signal(guests, 'add');
    await kit.settle();
    expect(kit.entity(guests).state).toBe('of the app');
  });

  it('is not there for the next when it could not be used', async () => {
    const same = { orchestrators: { Same: ends }, activities: { Same: () => undefined } };
    await expect(makeKit(same)).rejects.toThrow("Two functions are named 'Same'.");
    const kit = await makeKit({});
    await expect(kit.run('Same')).rejects.toThrow('there is Invite.');
  });
});

it('a kit without options runs what has been registered', async () => {
  const kit = await makeOrchestrationKit();
  expect((await kit.run('Invite')).output).toBe('sent to Ada');
  await kit.stop();
});

describe('a mistake is named', () => {
  it('an option that there is not', async () => {
    const options: object = { autoadvance: false };
    await expect(makeKit(options)).rejects.toThrow(
      /^makeOrchestrationKit has no option 'autoadvance'; it has .*autoAdvance/,
    );
  });

  it('no orchestrator at all, and why that may be', async () => {
    const kit = await makeKit({ orchestrators: {} });
    expect(() => kit.start('Invite')).toThrow(/none was registered\. .*test-kit\/register/);
  });

  it.each([
    ['a string', '@Guests@party', "'@Guests@party' is no id of an entity"],
    ['nothing', undefined, 'undefined is no id of an entity'],
    ['half an id', { name: 'Guests' }, 'is no id of an entity'],
  ])('%s in the place of an entity', async (_what, wrong, message) => {
    const kit = await makeKit({});
    const id = wrong as df.EntityId; // As a test in JavaScript may have it.
    await expect(kit.signal(id, 'add')).rejects.toThrow(TypeError);
    expect(() => kit.entity(id)).toThrow(message);
    expect(() => kit.entity(id)).toThrow('use new df.EntityId(name, key)');
  });
});

it('a signal that a test did not await arrives before the kit has settled', async () => {
  const kit = await makeKit({});
  void kit.signal(guests, 'add');
  await kit.settle();
  expect(kit.entity(guests).state).toBe('of the app');
  void kit.signal(new df.EntityId('Guests', 'other'), 'add');
  await kit.restart();
  await kit.settle();
  expect(kit.entity(new df.EntityId('Guests', 'other')).exists).toBe(true);
});
