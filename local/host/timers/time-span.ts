/**
 * Reads a .NET TimeSpan: `[d.]hh:mm[:ss[.f]]`, `d:hh:mm:ss` or days alone
 * (https://learn.microsoft.com/dotnet/api/system.timespan.parse).
 * @returns milliseconds; undefined when it is none, or none that is longer than nothing
 */
export function parseTimeSpan(text: string): number | undefined {
  const found = timeSpanForms.map((form) => form.exec(text)?.groups).find((groups) => groups);
  if (found === undefined) return undefined;
  const number = (name: string): number => Number(found[name] ?? 0);
  if (number('h') > 23 || number('m') > 59 || number('s') > 59) return undefined;
  const minutes = (number('d') * 24 + number('h')) * 60 + number('m');
  const milliseconds = Math.floor((minutes * 60 + number('s') + number('f')) * 1000);
  return milliseconds > 0 ? milliseconds : undefined;
}

const timeSpanForms = [
  /^(?<d>\d+)$/,
  // Where the first two digits are 24 or more, they are days.
  /^(?<d>2[4-9]|[3-9]\d|\d{3,}):(?<h>\d\d?):(?<m>\d\d?)$/,
  /^(?:(?<d>\d+)\.)?(?<h>\d\d?):(?<m>\d\d?)(?::(?<s>\d\d?)(?<f>\.\d{1,7})?)?$/,
  /^(?<d>\d+):(?<h>\d\d?):(?<m>\d\d?):(?<s>\d\d?)(?<f>\.\d{1,7})?$/,
];
