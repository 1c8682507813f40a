/** What `GET /api/certificates` understands in its query. */
import * as z from 'zod';
import { limitSchema } from './pages.ts';
import {
  CERTIFICATE_STATUSES,
  LIST_ORDERS,
  type ListOrder,
  type ListPlace,
} from '../domain/certificate-list.ts';

export const LIST_LIMIT = { usual: 50, most: 500 } as const;

const vaultName = z.string().regex(/^[a-z][0-9a-z-]{1,22}[0-9a-z]$/i, {
  error: 'must be the name of a vault: 3 to 24 letters, digits and hyphens',
});
const serviceName = z.string().regex(/^[a-z](?:[a-z0-9-]{0,48}[a-z0-9])?$/i, {
  error: 'must be the name of an API Management service: 1 to 50 letters, digits and hyphens',
});
const oneOf = (what: readonly string[]): string => `must be one of ${what.join(', ')}`;

export const listQuerySchema = z.object({
  vault: vaultName.toLowerCase().exactOptional().describe('Only certificates of this vault'),
  service: serviceName
    .toLowerCase()
    .exactOptional()
    .describe('Only bindings to this API Management service'),
  status: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(
      z.array(
        z.enum(CERTIFICATE_STATUSES, {
          error: `${oneOf(CERTIFICATE_STATUSES)}, or several of them with commas`,
        }),
      ),
    )
    .exactOptional()
    .describe(`Only these: one or more of ${CERTIFICATE_STATUSES.join(', ')}, with commas`),
  expiresBefore: z
    .string()
    .refine((text) => readMoment(text, new Date(0)) !== undefined, {
      error:
        'must be a date (2027-01-31), a time (2027-01-31T12:00:00Z) or a duration from now (P30D, PT12H)',
    })
    .exactOptional()
    .describe('Only what expires before this date, this time, or this long from now (P30D)'),
  q: z
    .string()
    .min(1, { error: 'must not be empty' })
    .max(200, { error: 'must be 200 characters at most' })
    .exactOptional()
    .describe("Only where this is part of vault/name, of the thumbprint, or of a target's path"),
  sort: z
    .enum(LIST_ORDERS, { error: oneOf(LIST_ORDERS) })
    .default('name')
    .describe('The order; with a hyphen in front, the other way round'),
  limit: limitSchema(LIST_LIMIT).describe(
    `How many certificates at most, ${LIST_LIMIT.usual} unless said otherwise; a CSV has them all unless this is given`,
  ),
  cursor: z
    .string()
    .refine((text) => readCursor(text) !== undefined, {
      error: 'must be taken from the next address of the page before',
    })
    .exactOptional()
    .describe('Where the page before ended; taken from its `next`'),
});
export type ListQuery = z.infer<typeof listQuerySchema>;

const cursorSchema = z.tuple([
  z.enum(LIST_ORDERS),
  z.string().max(300),
  z.string().max(24),
  z.string().max(127),
]);

/** The end of a page as text; says where the next one begins, whatever is added or goes meanwhile. */
export function writeCursor(order: ListOrder, { key, source }: ListPlace): string {
  const parts: z.infer<typeof cursorSchema> = [order, key, source.vault, source.name];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The end of the page before; undefined when the text is no cursor. */
export function readCursor(
  text: string,
): { readonly order: ListOrder; readonly place: ListPlace } | undefined {
  try {
    const [order, key, vault, name] = cursorSchema.parse(
      JSON.parse(Buffer.from(text, 'base64url').toString()),
    );
    return { order, place: { key, source: { vault, name } } };
  } catch {
    return undefined;
  }
}

const DURATION = /^P(?:(\d{1,4})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?)?$/;
const DATE = /^(\d{4}-\d{2}-\d{2})$/;
const TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,7})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/**
 * A moment, ISO 8601 in UTC: a date (its beginning), a time with its offset, or a duration of weeks,
 * days, hours and minutes from now. Undefined when the text is none of them.
 */
export function readMoment(text: string, now: Date): string | undefined {
  const parts = DURATION.exec(text);
  if (parts !== null) {
    const [weeks, days, hours, minutes] = parts.slice(1).map((part) => part && Number(part));
    if ([weeks, days, hours, minutes].every((part) => part === undefined)) return undefined;
    const all = Number(weeks ?? 0) * 168 + Number(days ?? 0) * 24 + Number(hours ?? 0);
    return new Date(now.getTime() + (all * 60 + Number(minutes ?? 0)) * 60_000).toISOString();
  }
  const day = (DATE.exec(text) ?? TIME.exec(text))?.[1];
  // Date.parse takes 2027-02-31 for the third of March.
  if (day === undefined || !isDay(day)) return undefined;
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}
