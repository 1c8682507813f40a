import * as z from 'zod';

/**
 * A setting with its meaning for those who set it. Left empty it counts as not set: that is what a
 * portal makes of a cleared field.
 */
export const setting = <Schema extends z.ZodType>(schema: Schema, meaning: string) =>
  z
    .preprocess(
      (value) => (typeof value === 'string' && value.trim() === '' ? undefined : value),
      schema,
    )
    .describe(meaning);

/** One of these words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(
  words: Words,
  standard: Words[number],
) {
  const all = `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
  return z.enum(words, { error: `must be ${all}` }).default(() => standard);
}

/** `90s`, `30m`, `12h`, `7d`; answers seconds. */
export function duration(standard: string) {
  return z
    .string()
    .regex(/^\d{1,6}\s*[smhd]$/i, { error: 'must be a time such as 90s, 30m, 12h or 7d' })
    .default(standard)
    .transform(
      (text) => Number.parseInt(text, 10) * (SECONDS_IN[text.slice(-1).toLowerCase()] ?? 1),
    );
}

const SECONDS_IN: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** NCRONTAB, six fields. */
export function schedule(standard: string) {
  return z
    .string()
    .regex(/^\S+(\s+\S+){5}$/, {
      error: 'must be a schedule of six fields (second minute hour day month weekday)',
    })
    .default(standard);
}

/** Up to five numbers of days; answers each once, the greatest first. */
export function days(standard: string) {
  return z
    .string()
    .regex(/^\s*[1-9]\d{0,2}\s*(,\s*[1-9]\d{0,2}\s*){0,4}$/, {
      error: 'must be one to five numbers of days with commas, such as 30,14,7',
    })
    .default(standard)
    .transform((text): readonly number[] =>
      [...new Set(text.split(',').map(Number))].sort((a, b) => b - a),
    );
}

/** `true` or `false`, which it is unless said. */
export function flag() {
  return z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true');
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A comma-separated list, lower case, each once. */
export function guids() {
  return z
    .string()
    .default('')
    .transform((text, context): readonly string[] => {
      const parts = text
        .split(',')
        .map((part) => part.trim().toLowerCase())
        .filter((part) => part !== '');
      for (const [index, part] of parts.entries()) {
        if (!GUID.test(part)) context.addIssue(`entry ${String(index + 1)} is no GUID`);
      }
      return [...new Set(parts)];
    });
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

/** An https address, or nothing. */
export function httpsUrl() {
  return z.string().refine(isHttpsUrl, { error: 'must be an https address' }).optional();
}

/** An http address of this machine, or nothing. */
export function loopbackUrl() {
  return z
    .string()
    .refine(isLoopbackUrl, {
      error: 'must be an http address on this machine (127.0.0.1 or localhost)',
    })
    .optional();
}

function isHttpsUrl(text: string): boolean {
  return URL.parse(text)?.protocol === 'https:';
}

function isLoopbackUrl(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && LOOPBACK.has(url.hostname) && url.pathname === '/';
}
