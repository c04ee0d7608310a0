import { readFileSync } from 'node:fs';
import { PathwiseError } from '@pathwise/model';
import { attributeCommand } from './commands/attribute.ts';
import { checkCommand } from './commands/check.ts';
import { compileCommand } from './commands/compile.ts';
import { inspectCommand } from './commands/inspect.ts';
import { methodsCommand } from './commands/methods.ts';
import { pruneCommand } from './commands/prune.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { commandHelp, overview } from './help.ts';
import type { CommandIO } from './io.ts';
import { COMMANDS, type CommandName } from './options.ts';
import { parseArguments, type Arguments } from './parse-arguments.ts';
import { reportError } from './report-error.ts';
import { nearest } from './suggest.ts';
import { usageError } from './usage-error.ts';

const HANDLERS: Readonly<Record<CommandName, (args: Arguments, io: CommandIO) => Promise<number> | number>> = {
  attribute: attributeCommand,
  check: checkCommand,
  prune: pruneCommand,
  inspect: inspectCommand,
  compile: compileCommand,
  methods: methodsCommand,
};

/**
 * Runs the command `pathwise ARGV…`.
 * @returns the exit code; errors are written to stderr, never thrown
 */
export async function run(argv: readonly string[], io: CommandIO): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    const isCancelled = io.signal.aborted && !(error instanceof PathwiseError && error.code !== 'CANCELLED');
    const cause = isCancelled ? new PathwiseError('CANCELLED', 'cancelled, nothing was written') : error;
    reportError(cause, io, argv.includes('--json'));
    return exitCodeOf(cause);
  }
}

async function dispatch(argv: readonly string[], io: CommandIO): Promise<number> {
  const [first, ...rest] = argv;
  if (first === undefined || first === '--help' || first === '-h') {
    (first === undefined ? io.stderr : io.stdout).write(overview());
    return first === undefined ? EXIT.usage : EXIT.done;
  }
  if (first === '--version') {
    io.stdout.write(`${version()}\n`);
    return EXIT.done;
  }
  if (first === 'help') {
    io.stdout.write(rest[0] === undefined ? overview() : commandHelp(commandOf(rest[0])));
    return EXIT.done;
  }
  const command = commandOf(first);
  const args = parseArguments(command, rest);
  if (args.has('help')) {
    io.stdout.write(commandHelp(command));
    return EXIT.done;
  }
  return HANDLERS[command](args, io);
}

function commandOf(name: string): CommandName {
  const command = COMMANDS.find((known) => known === name);
  if (command !== undefined) return command;
  const near = nearest(name, COMMANDS);
  throw usageError(
    `there is no command "${name}". ` +
      (near === null ? `The commands are ${COMMANDS.join(', ')}` : `Did you mean pathwise ${near}?`),
  );
}

function version(): string {
  const file = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { version: string }).version;
}
