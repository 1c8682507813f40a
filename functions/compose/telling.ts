import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';
import { requestNotify } from '../../shared/durable/start-once.ts';
import type { World } from './world.ts';

/** Starts the orchestration that tells a place what is posted for it. */
export async function askToTell(
  { adapters, now }: World,
  context: InvocationContext,
  place: string,
): Promise<void> {
  const client = df.getClient(context);
  await requestNotify({ client, arrivals: adapters.placeArrivals, now }, place);
}

/** Has told at once what was posted meanwhile. */
export async function tellWaiting(world: World, context: InvocationContext): Promise<void> {
  const late = await world.publisher.askFor((place) => askToTell(world, context, place));
  if (late.length > 0) context.warn(`notify.later: ${late.join(', ')} could not be asked for now`);
}
