import type { Method } from '@pathwise/attribution';
import type { Arguments } from './parse-arguments.ts';
import { usageError } from './usage-error.ts';

/**
 * Combinations of options that contradict each other, or that the method does not take; found before a model is read.
 * @throws PathwiseError BAD_ARGUMENT
 */
export function checkContradictions(args: Arguments, method: Method): void {
  const ways = ['steps', 'tolerance', 'exact'].filter((name) => args.has(name)).map((name) => `--${name}`);
  if (ways.length > 1) throw usageError(`${ways.join(' and ')} exclude each other: give one of them`);
  const rule = args.value('quadrature');
  const isAdaptive = rule === undefined || rule === 'adaptive';
  if (args.has('exact') && rule !== undefined)
    throw usageError('--exact follows breakpoints and takes no --quadrature');
  if (rule === 'adaptive' && args.has('steps'))
    throw usageError('--quadrature adaptive takes a --tolerance, not --steps');
  if (!isAdaptive && args.has('tolerance')) {
    throw usageError(`--quadrature ${rule} takes --steps; a --tolerance needs adaptive quadrature`);
  }
  checkTaken(args, method);
  if (rule === 'adaptive' && method.takes.quadrature === 'fixed') {
    throw usageError(`${method.id} integrates by fixed rules; leave out --quadrature adaptive, or name a rule`);
  }
  if (
    args.has('strict') &&
    (args.has('steps') || args.has('exact') || !isAdaptive || method.takes.quadrature !== true)
  ) {
    throw usageError('--strict asks for a tolerance to be met; leave out --steps, --exact and fixed quadratures');
  }
}

/** The options that a method does not understand. */
export function untaken({ takes }: Method): readonly string[] {
  const options: readonly (readonly [option: string, isTaken: boolean])[] = [
    ['baseline', takes.baseline !== 'none'],
    ['layer', takes.layer !== false],
    ['neuron', takes.neuron !== false],
    ['steps', takes.quadrature !== false],
    ['tolerance', takes.quadrature === true],
    ['exact', takes.quadrature === true],
    ['quadrature', takes.quadrature === true || takes.quadrature === 'fixed'],
    ['strict', takes.quadrature === true],
    ['target', takes.target],
    ['feature-mask', takes.featureMask === true],
  ];
  return options.flatMap(([option, isTaken]) => (isTaken ? [] : [option]));
}

function checkTaken(args: Arguments, method: Method): void {
  const { id, takes } = method;
  const option = untaken(method).find((name) => args.has(name));
  if (option !== undefined) throw usageError(`${id} takes no --${option}. Leave it out, or choose another method`);
  if (takes.layer === true && !args.has('layer')) {
    throw usageError(`${id} needs --layer TENSOR; \`pathwise inspect MODEL\` lists the tensors`);
  }
}
