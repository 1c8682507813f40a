/**
 * A pattern for hosts and paths: `*` stands for anything but a slash, `**` for anything. Letter
 * case does not count, as in Azure's hosts and resource ids.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const source = pattern
    .split(/(\*\*|\*)/)
    .map((part) => {
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    })
    .join('');
  return new RegExp(`^${source}$`, 'is').test(text);
}
