import type { ParamValue, Params } from '@pathwise/model';
import { describeRange, type Method, type ParamSpec } from '@pathwise/attribution';
import { optionError, usageError } from '../usage-error.ts';
import { nearest } from '../suggest.ts';
import { numberOf } from './numbers.ts';

/**
 * Parameters of a method from `NAME=VALUE` texts, typed by its registry entry.
 * @throws PathwiseError BAD_ARGUMENT for unknown names, with the list, and for values of another type
 */
export function parseParams(texts: readonly string[], { id, params }: Method): Params {
  const values: Record<string, ParamValue> = {};
  const seen = new Set<string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw optionError('--param', 'NAME=VALUE', text);
    const name = text.slice(0, at);
    const spec = params.find((candidate) => candidate.name === name);
    if (spec === undefined) throw unknownParam(id, name, params);
    if (seen.has(name)) throw usageError(`--param ${name} is given twice`);
    seen.add(name);
    if (fileOf(spec, text.slice(at + 1)) === null) values[name] = parseValue(spec, text.slice(at + 1));
  }
  return values;
}

/** Parameters whose numbers stand in files, by name: the path of each. `parseParams` has checked the names. */
export function paramFiles(texts: readonly string[], { params }: Method): Readonly<Record<string, string>> {
  const entries = texts.map((text): [string, string] => [
    text.slice(0, text.indexOf('=')),
    text.slice(text.indexOf('=') + 1),
  ]);
  return Object.fromEntries(
    entries.filter(([name, value]) => params.some((spec) => spec.name === name && fileOf(spec, value) !== null)),
  );
}

/** A file name ends in an extension with a letter; numbers do not. */
function fileOf(spec: ParamSpec, text: string): string | null {
  return spec.type === 'numbers' && spec.file === true && /\.[a-z]\w*$/i.test(text) ? text : null;
}

function parseValue(spec: ParamSpec, text: string): ParamValue {
  const bad = (): Error => optionError(`--param ${spec.name}`, describeRange(spec), text);
  switch (spec.type) {
    case 'boolean':
      if (text !== 'true' && text !== 'false') throw bad();
      return text === 'true';
    case 'choice':
      if (!spec.choices.includes(text)) throw bad();
      return text;
    case 'choices': {
      const chosen = text.split(',');
      if (!chosen.every((word) => spec.choices.includes(word))) throw bad();
      return chosen;
    }
    case 'numbers': {
      const numbers = text.split(',').map(numberOf);
      if (numbers.includes(null)) throw bad();
      return numbers as number[];
    }
    default: {
      const value = numberOf(text);
      if (value === null) throw bad();
      return value;
    }
  }
}

function unknownParam(method: string, name: string, params: readonly ParamSpec[]): Error {
  if (params.length === 0) return usageError(`--param ${name}: ${method} has no parameters`);
  const near = nearest(
    name,
    params.map((spec) => spec.name),
  );
  const list = params.map((spec) => `${spec.name} (${describeRange(spec)})`).join(', ');
  const hint = near === null ? '' : ` Did you mean ${near}?`;
  return usageError(`--param: ${method} has no parameter "${name}".${hint} It has ${list}`);
}
