/** A thumbprint short enough to read and compare: its first eight digits. */
export function shortThumbprint(thumbprint: string): string {
  return `${thumbprint.slice(0, 8)}…`;
}
