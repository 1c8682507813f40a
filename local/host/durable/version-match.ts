import type { DurableSettings } from './settings.ts';

/**
 * Whether this host may go on with an orchestration of the given version; no version is the empty
 * text (https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-orchestration-versioning).
 */
export function fitsVersion(
  version: string,
  { versionMatchStrategy, defaultVersion }: DurableSettings,
): boolean {
  switch (versionMatchStrategy) {
    case 'None':
      return true;
    case 'Strict':
      return version === defaultVersion;
    case 'CurrentOrOlder':
      return compareVersions(version, defaultVersion) <= 0;
  }
}

/** Why an orchestration does not go on here, as a part of a sentence. */
export function describeMismatch(version: string, settings: DurableSettings): string {
  const { versionMatchStrategy, defaultVersion } = settings;
  return `version ${quote(version)} does not fit the versionMatchStrategy '${versionMatchStrategy}' and the defaultVersion ${quote(defaultVersion)} of host.json`;
}

function quote(version: string): string {
  return version === '' ? '(none)' : `'${version}'`;
}

/**
 * Compares two versions as Azure does: none is older than any; both as numbers when both can be read
 * as a .NET `Version` (two to four numbers with dots between them, so `1` cannot); otherwise as
 * text without case, where `10` comes before `9` (DurableTask.Core VersioningSettings.cs).
 */
export function compareVersions(one: string, other: string): number {
  if (isNone(one) || isNone(other)) return Number(isNone(other)) - Number(isNone(one));
  const numbers = toNumbers(one);
  const otherNumbers = toNumbers(other);
  if (numbers === undefined || otherNumbers === undefined) {
    return compare(one.toUpperCase(), other.toUpperCase());
  }
  const length = Math.max(numbers.length, otherNumbers.length);
  for (let at = 0; at < length; at++) {
    // A part that is not given comes before zero: 1.0 is older than 1.0.0.
    const difference = (numbers[at] ?? -1) - (otherNumbers[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

function isNone(version: string): boolean {
  return version.trim() === '';
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function toNumbers(version: string): number[] | undefined {
  const parts = version.split('.').map((part) => part.trim());
  if (parts.length < 2 || parts.length > 4) return undefined;
  if (!parts.every((part) => /^\d+$/.test(part) && Number(part) <= largestPart)) return undefined;
  return parts.map(Number);
}

/** A signed 32-bit integer. */
const largestPart = 2 ** 31 - 1;
