/**
 * The checks beside the simulated vault's own answer, for any configuration.
 *
 * Some things cannot be seen from outside: whether a condition is met, whether a role given just
 * now counts already, whether a service is in a group or stands behind a rule or an endpoint, what
 * a policy was when a version was made. So each configuration is tried twice: as it turned out, and
 * with everything unseen in the service's favour.
 *
 * 1. Whenever the service cannot read, something blocks or may block.
 * 2. Whenever it cannot read even with the unseen in its favour, something blocks.
 * 3. Whenever nothing blocks and nothing may block, it reads.
 * 4. Whenever something blocks, it cannot read even with the unseen in its favour. The one exception
 *    is a user-assigned identity at a firewall, which is documented not to pass, and in this world
 *    gets through where a rule or an endpoint lets it.
 *
 * `CERTKEEPER_PROPERTY_RUNS` asks for more runs, `CERTKEEPER_PROPERTY_SEED` for those of an earlier
 * failure.
 */
import fc from 'fast-check';
import { makeAccessWorld } from '../../../support/azure/access-world.ts';
import {
  startAzureUnderTest,
  SUBSCRIPTION,
  type AzureUnderTest,
} from '../../../support/azure/azure-clients.ts';
import { ABOVE, arrange, configurations, favour, type Configuration } from './any-configuration.ts';

const RUNS = Number(process.env['CERTKEEPER_PROPERTY_RUNS'] ?? 60);
const SEED = process.env['CERTKEEPER_PROPERTY_SEED'];
const MS_PER_RUN = 2_000;

describe('Whatever the vault, the identity and their roles', () => {
  let under: AzureUnderTest;
  beforeAll(async () => {
    under = await startAzureUnderTest();
    await under.ask('PUT', `/_local/subscriptions/${SUBSCRIPTION}`, { managementGroups: [ABOVE] });
  });
  afterAll(() => under.stop());

  async function tryOut(c: Configuration) {
    await under.ask('PUT', '/_local/settings', {
      'apiManagement.operationSeconds': 0,
      'assumptions.certificateOutsideValidity': 'refuse',
      'authorization.propagationSeconds': 0,
    });
    const denials = await under.ask('GET', '/_local/deny-assignments');
    for (const { name } of Reflect.get(Object(denials.body), 'value') as { name: string }[]) {
      await under.ask('DELETE', `/_local/deny-assignments/${name}`);
    }
    const world = await makeAccessWorld(under);
    await arrange(world, c);
    const findings = await world.findings();
    const reads = await world.reads();
    await favour(world, c);
    return { findings, reads, readsAtBest: await world.reads() };
  }

  it(
    'the checks and the vault say the same',
    async () => {
      await fc.assert(
        fc.asyncProperty(configurations, async (configuration) => {
          const { findings, reads, readsAtBest } = await tryOut(configuration);
          const blocking = findings.filter((one) => one.startsWith('blocks'));
          const possible = findings.filter((one) => one.startsWith('may-block'));
          const told = { findings, reads, readsAtBest };
          const policyChanged = possible.includes('may-block CERTIFICATE_POLICY_CHANGED');

          if (!reads)
            expect(told).toMatchObject({ findings: matching([...blocking, ...possible]) });
          // What a changed policy hides cannot be turned in anybody's favour.
          if (!readsAtBest && !policyChanged) {
            expect(told).toMatchObject({ findings: matching(blocking) });
          }
          if (blocking.length + possible.length === 0) {
            expect(told).toEqual({ findings, reads: true, readsAtBest: true });
          }
          const userAtFirewall =
            configuration.identity === 'user' && configuration.network !== 'open';
          if (blocking.length > 0 && !userAtFirewall) {
            expect(told).toEqual({ findings, reads: false, readsAtBest: false });
          }
        }),
        { numRuns: RUNS, ...(SEED === undefined ? {} : { seed: Number(SEED) }) },
      );
    },
    Math.max(60_000, RUNS * MS_PER_RUN),
  );
});

/** Fails, naming all findings, where none of the wanted kind is among them. */
function matching(wanted: readonly string[]): unknown {
  return wanted.length > 0
    ? (expect.arrayContaining([...wanted]) as unknown)
    : ['something that blocks'];
}
