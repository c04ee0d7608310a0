import { argumentError, type ParamValue, type Params } from '@pathwise/model';

/** A parameter of a method. `name` is camelCase, as on the command line and in forms. */
export type ParamSpec = {
  readonly name: string;
  /** One sentence. */
  readonly doc: string;
} & (
  | { readonly type: 'number' | 'integer'; readonly default: number; readonly min?: number; readonly max?: number }
  | { readonly type: 'boolean'; readonly default: boolean }
  | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | { readonly type: 'choices'; readonly default: readonly string[]; readonly choices: readonly string[] }
  | {
      readonly type: 'numbers';
      readonly default: readonly number[];
      readonly min?: number;
      readonly max?: number;
      readonly fewest?: number;
      /** The command line takes the name of a file that holds the numbers, too. */
      readonly file?: boolean;
    }
);

/**
 * The parameters of a method with defaults filled in.
 * @throws PathwiseError BAD_ARGUMENT for an unknown name or a value out of range, listing what is allowed
 */
export function resolveParams(method: string, specs: readonly ParamSpec[], given: Params = {}): Params {
  const known = new Map(specs.map((spec) => [spec.name, spec]));
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue;
    const names = specs.length === 0 ? 'no parameters' : `one of ${specs.map(({ name }) => name).join(', ')}`;
    throw argumentError(method, 'parameter name', names, name);
  }
  const resolved: Record<string, ParamValue> = {};
  for (const spec of specs) {
    const value = given[spec.name] ?? spec.default;
    if (!accepts(spec, value)) throw argumentError(method, `parameter ${spec.name}`, describeRange(spec), value);
    resolved[spec.name] = value;
  }
  return resolved;
}

/** The values that a parameter accepts, in words. */
export function describeRange(spec: ParamSpec): string {
  switch (spec.type) {
    case 'boolean':
      return 'true or false';
    case 'choice':
      return spec.choices.join(' or ');
    case 'choices':
      return `one or more of ${spec.choices.join(', ')}`;
    case 'numbers':
      return `${spec.fewest ?? 0} or more numbers${bounds(spec)}`;
    default:
      return `${spec.type === 'integer' ? 'an integer' : 'a number'}${bounds(spec)}`;
  }
}

function bounds({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return ` of at least ${min}`;
  return max === undefined ? '' : ` of at most ${max}`;
}

function accepts(spec: ParamSpec, value: ParamValue): boolean {
  switch (spec.type) {
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return spec.choices.includes(value as string);
    case 'choices':
      return Array.isArray(value) && value.length > 0 && value.every((v) => spec.choices.includes(v as string));
    case 'numbers':
      return (
        Array.isArray(value) &&
        value.length >= (spec.fewest ?? 0) &&
        value.every((v) => typeof v === 'number' && inRange(spec, v))
      );
    case 'integer':
      return Number.isInteger(value) && inRange(spec, value as number);
    case 'number':
      return typeof value === 'number' && inRange(spec, value);
  }
}

function inRange({ min = -Infinity, max = Infinity }: { min?: number; max?: number }, value: number): boolean {
  return Number.isFinite(value) && value >= min && value <= max;
}
