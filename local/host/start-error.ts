/** Why a host did not start; stable, so that callers and tests need not read the message. */
export type HostStartErrorCode =
  | 'APP_FOLDER_MISSING'
  | 'PACKAGE_JSON_INVALID'
  | 'HOST_JSON_INVALID'
  | 'MAIN_MISSING'
  | 'APP_THREW'
  | 'NO_FUNCTIONS'
  | 'FUNCTION_INVALID'
  | 'BINDING_UNSUPPORTED'
  | 'ROUTE_INVALID'
  | 'ROUTE_CONFLICT'
  | 'SETTING_MISSING'
  | 'SETTING_INVALID'
  | 'LOCAL_SETTINGS_INVALID'
  | 'RUNTIME_UNSUPPORTED'
  | 'STATE_UNUSABLE'
  | 'PORT_IN_USE'
  | 'PORT_UNAVAILABLE'
  | 'OPTION_INVALID'
  | 'ALREADY_LOADED'
  | 'ALREADY_RUNNING';

/**
 * The host cannot start, and trying again unchanged will not help. The message is one line that a
 * person can act on; the error that led to it, if any, is the `cause`.
 */
export class HostStartError extends Error {
  readonly code: HostStartErrorCode;
  constructor(code: HostStartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HostStartError';
    this.code = code;
  }
}

/** The message of anything that was thrown, on one line. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
  return text.trim();
}
