import { compilePlan } from '../../plan/compile-plan.ts';
import { EXIT } from '../exit-codes.ts';
import { parseInteger } from '../grammar/numbers.ts';
import type { CommandIO } from '../io.ts';
import { loadExplainer, readPreprocessing } from '../model-options.ts';
import type { Arguments } from '../parse-arguments.ts';
import { usageError } from '../usage-error.ts';
import { writeFiles } from '../write-files.ts';

/** `pathwise compile MODEL -o model.plan` */
export async function compileCommand(args: Arguments, { stdout, signal }: CommandIO): Promise<number> {
  const path = args.value('out');
  if (path === undefined) throw usageError('pathwise compile needs -o FILE, the plan file to write');
  const [output, target, preprocess] = [args.value('output'), args.value('target'), args.value('preprocess')];
  const options = {
    ...(output !== undefined && { output }),
    ...(target !== undefined && { target: parseInteger('--target', target, 0) }),
    ...(preprocess !== undefined && { preprocess: await readPreprocessing(preprocess) }),
  };
  const explain = await loadExplainer(args);
  try {
    const content = await compilePlan(explain, options);
    await writeFiles([{ path, content }], signal);
    if (args.has('json')) stdout.write(`${JSON.stringify({ file: path, bytes: content.length })}\n`);
    else stdout.write(`wrote ${path} (${content.length} bytes)\n`);
    return EXIT.done;
  } finally {
    explain.dispose();
  }
}
