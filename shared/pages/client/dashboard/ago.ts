const STEPS = [
  { under: 3_600, per: 60, unit: 'minute' },
  { under: 86_400, per: 3_600, unit: 'hour' },
  { under: Infinity, per: 86_400, unit: 'day' },
] as const;

/** `just now`, `12 minutes ago`, `3 hours ago`: a page on which every second moves is not calm. */
export function sayAgo(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1_000);
  // Clocks differ: what is about to happen has just happened.
  if (seconds < 60) return 'just now';
  const { per, unit } = STEPS.find(({ under }) => seconds < under) ?? STEPS[2];
  const number = Math.floor(seconds / per);
  return `${String(number)} ${unit}${number === 1 ? '' : 's'} ago`;
}

/** Says of every time in the page how long ago it was. */
export function tellAges(root: ParentNode, now: number): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-ago]')) {
    const said = sayAgo(now - Date.parse(time.dateTime));
    if (time.title === '') time.title = time.textContent;
    if (time.textContent !== said) time.textContent = said;
  }
}
