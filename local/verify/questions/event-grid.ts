/** Event Grid, at the run's own vault. */
import { acceptOrRefuse } from '../answer.ts';
import type { Area } from '../question.ts';
import { armUrl, askArm, need, settle } from '../world.ts';
import type { VerifyWorld } from '../world.ts';
import { vaultOf } from './throw-away-vault.ts';

export const eventGrid: Area = {
  name: 'Event Grid',
  questions: [
    {
      id: 'second-system-topic',
      title: 'a second system topic for one vault',
      assumes: { always: 'refuse' },
      source: 'https://learn.microsoft.com/azure/event-grid/system-topics',
      async ask(world) {
        await need('Making a system topic', putSystemTopic(world, 'topic-1'));
        return acceptOrRefuse(await putSystemTopic(world, 'topic-2'));
      },
    },
  ],
};

async function putSystemTopic(world: VerifyWorld, hint: string) {
  const { id: source } = await vaultOf(world);
  const name = world.name(hint);
  const topic = `${world.groupId}/providers/Microsoft.EventGrid/systemTopics/${name}`;
  world.later(`the system topic ${name}`, ({ wire }) => wire.ask('DELETE', armUrl(topic)));
  const begun = await askArm(world, 'PUT', topic, {
    body: {
      location: world.location,
      properties: { source, topicType: 'Microsoft.KeyVault.vaults' },
    },
  });
  return await settle(world, begun);
}
