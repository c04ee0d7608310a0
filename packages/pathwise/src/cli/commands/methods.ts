import { describeRange, methods, type Method, type ParamSpec } from '@pathwise/attribution';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import type { Arguments } from '../parse-arguments.ts';
import { nearest } from '../suggest.ts';
import { usageError } from '../usage-error.ts';

/** `pathwise methods [ID] [--json]` */
export function methodsCommand(args: Arguments, { stdout }: CommandIO): number {
  const [id] = args.operands;
  if (args.operands.length > 1) throw usageError(`pathwise methods takes one ID, got ${args.operands.join(' ')}`);
  const chosen = id === undefined ? methods : [methodOf(id)];
  if (args.has('json'))
    stdout.write(`${JSON.stringify(id === undefined ? chosen.map(entryOf) : entryOf(chosen[0] as Method))}\n`);
  else stdout.write(id === undefined ? list(chosen) : describe(chosen[0] as Method));
  return EXIT.done;
}

/**
 * The method of an id.
 * @throws PathwiseError BAD_ARGUMENT for an unknown id, with the nearest known one
 */
export function methodOf(id: string): Method {
  const method = methods.find((candidate) => candidate.id === id);
  if (method !== undefined) return method;
  const near = nearest(
    id,
    methods.map((candidate) => candidate.id),
  );
  const hint =
    near === null ? `It has ${methods.map((candidate) => candidate.id).join(', ')}` : `Did you mean ${near}?`;
  throw usageError(`there is no method "${id}" in this version. ${hint}`);
}

function entryOf({ id, title, summary, modalities, needs, takes, params, unit, claims, reference }: Method): object {
  return { id, title, summary, modalities, needs, takes, params, unit, claims, reference };
}

function list(entries: readonly Method[]): string {
  const width = Math.max(...entries.map(({ id }) => id.length)) + 2;
  return `${entries.map(({ id, summary }) => `${id.padEnd(width)}${summary}`).join('\n')}\n`;
}

function describe({ id, title, summary, modalities, takes, params, unit, claims, reference }: Method): string {
  const options = [
    takes.target && '--target',
    takes.baseline !== 'none' && '--baseline',
    takes.featureMask === true && '--feature-mask',
    takes.layer === true && '--layer',
    typeof takes.layer === 'string' && '[--layer]',
    takes.neuron !== false && '--neuron',
    takes.quadrature === true && '--steps | --tolerance | --exact',
    takes.quadrature === 'steps' && '--steps',
    takes.quadrature === 'fixed' && '--steps --quadrature',
  ].filter((option) => option !== false);
  return [
    `${id}: ${title}`,
    `  ${summary}`,
    '',
    `  for         ${modalities.join(', ')}`,
    `  unit        ${unit === 'contribution' ? 'units of the output' : 'units of the output per unit of the input'}`,
    `  options     ${options.length === 0 ? 'none' : options.join(', ')}`,
    `  parameters  ${params.length === 0 ? 'none' : params.map(paramText).join('\n              ')}`,
    `  axioms      ${claims.length === 0 ? 'none' : claims.join(', ')}`,
    `  source      ${reference}`,
    '',
  ].join('\n');
}

function paramText(spec: ParamSpec): string {
  return `${spec.name}=${String(spec.default)}: ${spec.doc} (${describeRange(spec)})`;
}
