/** A field of a request, or its body, and what is wrong with it. */
export interface FieldError {
  /** The field's name as it was sent; `body` for the body as a whole. */
  readonly field: string;
  /** Ends a sentence that begins with the field: `must be true or false`. */
  readonly message: string;
}

/** Thrown when a request cannot be used; names every field that is at fault, and no value. */
export class RequestError extends Error {
  readonly errors: readonly FieldError[];
  constructor(errors: readonly FieldError[]) {
    super(errors.map(({ field, message }) => `${field} ${message}`).join('; '));
    this.name = 'RequestError';
    this.errors = errors;
  }
}
