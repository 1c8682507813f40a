/**
 * Measures something in a process of its own, as the app would, and says how that went: the exporters
 * load parts of themselves by import(), which works in plain Node only, and read the environment.
 */
import { makeMetrics } from '../../../shared/metrics/make-metrics.ts';
import { readMetrics } from '../../../shared/metrics/settings.ts';

const [stayMs = '0'] = process.argv.slice(2);
const metrics = makeMetrics(readMetrics(process.env), {
  figures: () =>
    Promise.resolve({
      at: '2026-11-28T02:00:00.000Z',
      findings: [{ code: 'EXPIRED', severity: 'critical', acknowledged: false, count: 3 }],
      expirations: [
        { kind: 'vault', name: 'contoso-kv', expiresAt: '2026-12-08T03:00:00.000Z' },
        { kind: 'service', name: 'contoso-gw', expiresAt: '2026-11-27T15:00:00.000Z' },
      ],
    }),
  now: () => new Date('2026-11-28T03:00:00.000Z'),
  log: (line) => process.stdout.write(`${line}\n`),
  credential: {
    getToken: (scopes) =>
      Promise.resolve({
        token: `token for ${[scopes].flat().join(' ')}`,
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
  },
});
metrics.start();
metrics.syncEnded('succeeded');
metrics.syncEnded('blocked');
metrics.rotated(3.5);
metrics.rotated(700_000);
metrics.notified('teams:ops', 'sent');
await new Promise((resolve) => setTimeout(resolve, Number(stayMs)));
await metrics.stop();
