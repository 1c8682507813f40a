import * as z from 'zod';
import { problemSchema } from '../contracts/schemas.ts';

/** What each place answered to a test message. */
export const testedSchema = z
  .object({
    places: z.array(
      z.object({
        place: z.string().meta({ example: 'teams:ops' }),
        outcome: z
          .enum(['accepted', 'refused', 'unanswered'])
          .describe('unanswered = not in time, or not now; it may take one later'),
        seconds: z.number().describe('How long it took'),
        problem: problemSchema.exactOptional(),
      }),
    ),
  })
  .meta({ id: 'NotificationsTested' });
