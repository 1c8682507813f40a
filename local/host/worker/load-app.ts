import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { describeAppError } from '../app-error.ts';
import { parseLooseJson } from '../loose-json.ts';
import { HostStartError, messageOf } from '../start-error.ts';
import { AppHookContext, runHooks } from './hooks.ts';
import type { AppRegistry } from './registry.ts';

/** What the host goes by in an app's package.json. */
export interface AppPackage {
  readonly appDir: string;
  /** A path or a glob. */
  readonly main: string;
  readonly isModule: boolean;
}

/** Entry points that were run in this process: Node runs a module once. */
const entryPointsRun = new Set<string>();

/**
 * Runs the files that `main` in the app's package.json names (a path or a glob, as on Azure) and
 * then the app's `appStart` hooks. What they register ends up in the registry, which is locked.
 * Thrown when there are no such files, the app throws or registers nothing, or this process had
 * loaded it before: HostStartError.
 */
export async function loadApp(appPackage: AppPackage, registry: AppRegistry): Promise<void> {
  const { appDir } = appPackage;
  const files = findEntryPoints(appDir, appPackage.main);
  const loadedBefore = isLoaded(appDir, files);
  for (const file of files) {
    entryPointsRun.add(file);
    try {
      await runFile(appDir, file, appPackage.isModule);
    } catch (error) {
      throw threw(`The app threw while loading ${relative(appDir, file)}`, error, appDir);
    }
  }
  try {
    await runHooks(registry, 'appStart', new AppHookContext(registry, appDir));
  } catch (error) {
    throw threw('An appStart hook of the app threw', error, appDir);
  }
  registry.locked = true;
  const names = files.map((file) => relative(appDir, file)).join(', ');
  // `@azure/functions` sets it once, with its first function: here it spoke to somebody else.
  if (loadedBefore && registry.programmingModel === undefined) {
    throw new HostStartError(
      'ALREADY_LOADED',
      `This process loaded ${names} or @azure/functions before the host was started, and Node loads a module once: start the host in a process of its own, as its command does.`,
    );
  }
  if (registry.functions.size === 0) {
    // A promise that it left alone may be why: what that was rejected with comes to light first.
    await setImmediate();
    throw new HostStartError(
      'NO_FUNCTIONS',
      `The app registered no functions; ${names} should call app.http, app.timer or the like from @azure/functions.`,
    );
  }
}

/**
 * Reads the package.json of an app.
 * Thrown when there is none or it names no file to run: HostStartError.
 */
export function readPackage(appDir: string): AppPackage {
  if (!existsSync(appDir) || !statSync(appDir).isDirectory()) {
    throw new HostStartError('APP_FOLDER_MISSING', `There is no folder ${appDir}.`);
  }
  const file = join(appDir, 'package.json');
  if (!existsSync(file)) {
    throw new HostStartError(
      'PACKAGE_JSON_INVALID',
      `There is no ${file}; it must name the file that registers the functions: {"main": "…"}`,
    );
  }
  let parsed: unknown;
  try {
    parsed = parseLooseJson(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HostStartError('PACKAGE_JSON_INVALID', `Cannot read ${file}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  const main = propertyOf(parsed, 'main');
  if (typeof main !== 'string' || main === '') {
    throw new HostStartError(
      'MAIN_MISSING',
      `${file} has no "main"; it names the file that registers the functions.`,
    );
  }
  return { appDir, main, isModule: propertyOf(parsed, 'type') === 'module' };
}

function findEntryPoints(appDir: string, main: string): string[] {
  const exact = join(appDir, main);
  if (existsSync(exact) && statSync(exact).isFile()) return [exact];
  const files = globSync(main, { cwd: appDir })
    .sort()
    .map((file) => join(appDir, file));
  if (files.length === 0) {
    throw new HostStartError(
      'MAIN_MISSING',
      `"main" in ${join(appDir, 'package.json')} is "${main}", and there is no such file; is the app built?`,
    );
  }
  return files;
}

/** Whether this process has loaded the app, or the library that it registers with, already. */
function isLoaded(appDir: string, files: readonly string[]): boolean {
  const { cache, resolve } = createRequire(join(appDir, 'package.json'));
  const isCached = (request: string): boolean => {
    try {
      return cache[resolve(request)] !== undefined;
    } catch {
      // The app does not have it.
      return false;
    }
  };
  return (
    files.some((file) => entryPointsRun.has(file) || isCached(file)) || isCached('@azure/functions')
  );
}

async function runFile(appDir: string, file: string, packageIsModule: boolean): Promise<void> {
  const isModule = /\.m[jt]s$/.test(file) || (!/\.c[jt]s$/.test(file) && packageIsModule);
  if (isModule) await import(pathToFileURL(file).href);
  else createRequire(join(appDir, 'package.json'))(file);
}

function threw(what: string, error: unknown, appDir: string): HostStartError {
  const message = `${what}: ${describeAppError(error, appDir)}`;
  return new HostStartError('APP_THREW', message, { cause: error });
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
