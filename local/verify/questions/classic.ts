/** The classic Service Management API, retired on 31 August 2024. */
import { briefly } from '../answer.ts';
import type { Area } from '../question.ts';

const WORDS: Readonly<Record<number, string>> = { 403: 'forbidden', 404: 'notFound', 410: 'gone' };

export const classic: Area = {
  name: 'the classic API',
  questions: [
    {
      id: 'classic-retired-answer',
      title: 'what the retired API for management certificates answers',
      assumes: { setting: 'assumptions.classicRetiredAnswer' },
      source: 'https://learn.microsoft.com/previous-versions/azure/reference/ee460799(v=azure.100)',
      async ask(world) {
        const url = `https://management.core.windows.net/${world.subscriptionId}/certificates`;
        const answer = await world.wire.ask('GET', url, {
          headers: { 'x-ms-version': '2012-03-01' },
        });
        return WORDS[answer.status] ?? briefly(answer);
      },
    },
  ],
};
