import {
  makeEventRouter,
  type EventRouter,
} from '../../../../functions/activities/notify/route-events.ts';
import { TransientError } from '../../../../shared/domain/errors.ts';
import type { Letter } from '../../../../shared/domain/notify/message.ts';
import { parseNotify } from '../../../../shared/domain/notify/rules.ts';
import type { OutcomeEvent } from '../../../../shared/domain/event-ports.ts';
import { DAY, event } from '../../../support/notify/samples.ts';

function makeWorld(text: string, places: readonly string[] = []) {
  const posted: [string, Letter][] = [];
  const published: OutcomeEvent[] = [];
  let isDown = false;
  const router = makeEventRouter({
    publisher: {
      publish: async (events) => {
        if (isDown) throw new TransientError({ code: 'AZURE_UNAVAILABLE', message: 'down' });
        published.push(...events);
      },
    },
    notes: {
      post: async (place, letter) => {
        posted.push([place, letter]);
        return true;
      },
    },
    rules: parseNotify(text).rules,
    places,
    now: () => new Date(DAY),
  });
  return { router, posted, published, fail: () => (isDown = true) };
}

/** Whom the router asks for. */
async function asked(router: EventRouter): Promise<string[]> {
  const places: string[] = [];
  await router.askFor(async (place) => void places.push(place));
  return places;
}

describe('an event that is published', () => {
  const failed = event('e1');
  const rotated = event('e2', { type: 'Certkeeper.CertificateRotated' });

  it('goes to the topic, and to whom the rules tell of it', async () => {
    const { router, posted, published } = makeWorld(
      'events>=high => slack, topic; events, !SyncFailed => teams:log (digest)',
    );
    await router.publish([failed, rotated]);
    expect(published).toEqual([failed, rotated]);
    expect(posted).toEqual([
      ['slack', { event: failed, digest: false, postedAt: DAY }],
      ['teams:log', { event: rotated, digest: true, postedAt: DAY }],
    ]);
    // A digest waits for the audit.
    expect(await asked(router)).toEqual(['slack']);
    expect(await asked(router)).toEqual([]);
  });

  it('is posted although it cannot be published now', async () => {
    const { router, posted, fail } = makeWorld('events => slack');
    fail();
    await expect(router.publish([failed])).rejects.toThrow(TransientError);
    expect(posted).toHaveLength(1);
    expect(await asked(router)).toEqual(['slack']);
  });

  it('that tells of a finding is routed by no rule', async () => {
    const { router, posted } = makeWorld('events, findings => slack');
    await router.publish([event('f', { type: 'Certkeeper.FindingAppeared' })]);
    expect(posted).toEqual([]);
  });

  it('is told at the next occasion, if its place cannot be asked for now', async () => {
    const { router } = makeWorld('events => slack, teams');
    await router.publish([failed]);
    const late = await router.askFor(async (place) => {
      if (place === 'slack') throw new Error('no engine');
    });
    expect(late).toEqual(['slack']);
    expect(await asked(router)).toEqual(['slack']);
  });

  it('and what waited when the app started is asked for with the first', async () => {
    const { router } = makeWorld('events => slack', ['slack', 'teams:ops']);
    expect(await asked(router)).toEqual(['slack', 'teams:ops']);
    expect(await asked(router)).toEqual([]);
  });
});
