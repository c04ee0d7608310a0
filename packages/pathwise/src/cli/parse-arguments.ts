import { parseArgs } from 'node:util';
import { optionsOf, type CommandName, type OptionSpec } from './options.ts';
import { nearest } from './suggest.ts';
import { usageError } from './usage-error.ts';

/** Arguments of a command, checked against the table of options. */
export interface Arguments {
  readonly command: CommandName;
  readonly operands: readonly string[];
  /** Is the switch given? */
  has(name: string): boolean;
  /** The value of an option. */
  value(name: string): string | undefined;
  /** All values of an option that may be repeated. */
  values(name: string): readonly string[];
}

/**
 * Parses what follows the command's name.
 * @throws PathwiseError BAD_ARGUMENT for unknown options (with the nearest known one), repeated or missing values
 */
export function parseArguments(command: CommandName, argv: readonly string[]): Arguments {
  const known = optionsOf(command);
  const { tokens } = parseArgs({
    args: [...argv],
    strict: false,
    tokens: true,
    options: Object.fromEntries(
      known.map(({ name, short, value }) => [
        name,
        { type: value === undefined ? 'boolean' : 'string', multiple: true, ...(short !== undefined && { short }) },
      ]),
    ),
  });
  const operands: string[] = [];
  const given = new Map<string, string[]>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind !== 'option') continue;
    const option = known.find(({ name }) => name === token.name);
    if (option === undefined) throw unknownOption(command, token.rawName, known);
    given.set(option.name, [...(given.get(option.name) ?? []), checkedValue(option, token.rawName, token.value)]);
    if (option.repeat !== true && (given.get(option.name)?.length ?? 0) > 1) {
      throw usageError(`${token.rawName} is given twice`);
    }
  }
  return {
    command,
    operands,
    has: (name) => given.has(name),
    value: (name) => given.get(name)?.[0],
    values: (name) => given.get(name) ?? [],
  };
}

function checkedValue(option: OptionSpec, rawName: string, value: string | undefined): string {
  if (option.value === undefined) {
    if (value !== undefined) throw usageError(`${rawName} takes no value, got "${value}"`);
    return '';
  }
  if (value === undefined || value === '') throw usageError(`${rawName} needs a value: ${rawName} ${option.value}`);
  // A forgotten value would otherwise swallow the next option. Negative numbers are values.
  if (/^--?[a-z]/i.test(value))
    throw usageError(`${rawName} needs a value: ${rawName} ${option.value}, got "${value}"`);
  return value;
}

function unknownOption(command: CommandName, rawName: string, known: readonly OptionSpec[]): Error {
  const flags = known.map(({ name, short }) => (name === 'out' ? `-${short}` : `--${name}`));
  const near = nearest(rawName, flags);
  return usageError(
    `pathwise ${command} has no option ${rawName}.` +
      (near === null ? ` pathwise ${command} --help lists them` : ` Did you mean ${near}?`),
  );
}
