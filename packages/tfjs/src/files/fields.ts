import { PathwiseError, type ErrorPlace } from '@pathwise/model';
import { isObject, type Json, type JsonObject } from './json.ts';

/** The keys of a JSON object with their types checked; errors say where the object is. */
export class Fields {
  readonly where: string;
  readonly place: ErrorPlace;
  readonly #object: JsonObject;

  constructor(object: Json | undefined, where: string, place: ErrorPlace = {}) {
    if (!isObject(object))
      throw new PathwiseError('BAD_FILE', `${where}: expected an object, got ${show(object)}`, place);
    this.#object = object;
    this.where = where;
    this.place = place;
  }

  /** The value of an own key; null counts as absent. */
  raw(key: string): Json | undefined {
    return Object.hasOwn(this.#object, key) ? (this.#object[key] ?? undefined) : undefined;
  }

  has(key: string): boolean {
    return this.raw(key) !== undefined;
  }

  keys(): string[] {
    return Object.keys(this.#object);
  }

  string(key: string, absent?: string): string {
    const value = this.raw(key) ?? absent;
    if (typeof value !== 'string') throw this.error(key, 'text', value);
    return value;
  }

  number(key: string, absent?: number): number {
    const value = this.raw(key) ?? absent;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw this.error(key, 'a number', value);
    return value;
  }

  /** A whole number of at least `least`. */
  integer(key: string, absent?: number, least: number = -Infinity): number {
    const value = this.raw(key) ?? absent;
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least) {
      throw this.error(key, least === -Infinity ? 'a whole number' : `a whole number of at least ${least}`, value);
    }
    return value;
  }

  boolean(key: string, absent?: boolean): boolean {
    const value = this.raw(key) ?? absent;
    if (typeof value !== 'boolean') throw this.error(key, 'true or false', value);
    return value;
  }

  array(key: string, absent?: readonly Json[]): readonly Json[] {
    const value = this.raw(key) ?? absent;
    if (!Array.isArray(value)) throw this.error(key, 'a list', value);
    return value as readonly Json[];
  }

  object(key: string, absent?: JsonObject): Fields {
    return new Fields(this.raw(key) ?? absent, `${this.where}: "${key}"`, this.place);
  }

  /** The error for a value that is not as expected. */
  error(key: string, expected: string, got: Json | undefined): PathwiseError {
    return new PathwiseError(
      'BAD_FILE',
      `${this.where}: expected ${expected} for "${key}", got ${show(got)}`,
      this.place,
    );
  }
}

/** A value as messages show it, cut where it is long. */
export function show(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
