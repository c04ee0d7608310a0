import { COMMANDS, OPERANDS, optionsOf, RUNNING, type CommandName, type OptionSpec } from './options.ts';

const WIDTH = 100;

/** The text of `pathwise --help`. */
export function overview(): string {
  const commands = COMMANDS.map((name) => `  ${`${name} ${OPERANDS[name].text}`.padEnd(18)}${OPERANDS[name].summary}`);
  return [
    'pathwise COMMAND … explains trained models: what each feature of an input contributed to an output.',
    '',
    ...commands,
    '',
    'pathwise COMMAND --help lists the options of a command; pathwise --version prints the version.',
    '',
    'Exit codes: 0 done, 1 a check failed or --strict and the tolerance was not met, 2 wrong usage,',
    '3 model or method not supported, 4 unreadable or ill-shaped input, 5 computation failed,',
    '70 internal error, 130 cancelled.',
    '',
  ].join('\n');
}

/** The text of `pathwise COMMAND --help`. */
export function commandHelp(command: CommandName): string {
  const { text, summary } = OPERANDS[command];
  const options = optionsOf(command).map((option) => ({ left: leftOf(option), help: option.help }));
  const indent = Math.min(30, Math.max(...options.map(({ left }) => left.length))) + 2;
  return [
    `pathwise ${command} ${text}${RUNNING.includes(command) ? ' --input FILE' : ''} [options]`,
    `  ${summary}`,
    '',
    ...options.map(({ left, help }) => `  ${left.padEnd(indent)}${wrap(help, indent + 2)}`),
    '',
  ].join('\n');
}

function leftOf({ name, short, value, repeat = false }: OptionSpec): string {
  const flag = short === undefined ? `--${name}` : name === 'out' ? `-${short}` : `-${short}, --${name}`;
  return `${flag}${value === undefined ? '' : ` ${value}`}${repeat ? ' …' : ''}`;
}

function wrap(text: string, indent: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && indent + line.length + word.length >= WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}
