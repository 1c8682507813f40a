import { makeTestNotificationsRoute } from '../../../functions/triggers/notifications-route.ts';
import { TerminalError, TransientError } from '../../../shared/domain/errors.ts';
import type { Message } from '../../../shared/domain/notify/message.ts';
import { askRoute } from '../../support/ask-route.ts';

const REFUSED = { code: 'NOTIFICATION_REFUSED', message: 'teams refused it.' } as const;
const SILENT = { code: 'NOTIFICATION_UNDELIVERED', message: 'webhook is silent.' } as const;

describe('POST /api/notifications/test', () => {
  it('says what each place answered', async () => {
    const sent: Message[] = [];
    const route = makeTestNotificationsRoute({
      messenger: {
        send: async ({ kind }, message) => {
          sent.push(message);
          if (kind === 'teams') throw new TerminalError(REFUSED);
          if (kind === 'webhook') throw new TransientError(SILENT);
        },
      },
      places: [
        { name: 'slack', kind: 'slack', address: 'https://hooks.example/s3cr3t' },
        { name: 'teams', kind: 'teams', address: 'https://hooks.example/s3cr3t' },
        { name: 'webhook', kind: 'webhook', address: 'https://hooks.example/s3cr3t' },
      ],
      now: () => new Date('2026-11-28T02:00:00.000Z'),
    });
    const { status, body } = await askRoute(route, '/notifications/test', { body: {} });
    expect(status).toBe(200);
    expect(body).toEqual({
      places: [
        { place: 'slack', outcome: 'accepted', seconds: 0 },
        { place: 'teams', outcome: 'refused', problem: REFUSED, seconds: 0 },
        { place: 'webhook', outcome: 'unanswered', problem: SILENT, seconds: 0 },
      ],
    });
    expect(sent).toMatchObject([{ kind: 'test' }, { kind: 'test' }, { kind: 'test' }]);
    expect(JSON.stringify(body)).not.toContain('s3cr3t');
  });
});
