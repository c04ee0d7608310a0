import {
  checkableAxioms,
  checkAxioms,
  type AxiomEntry,
  type AxiomId,
  type Certificate,
  type Method,
} from '@pathwise/attribution';
import type { Feeds } from '@pathwise/model';
import { graphModel } from '@pathwise/ops';
import { rewritings } from '../../check/rewritings.ts';
import type { Explainer } from '../../explainer.ts';
import { engineOf } from '../../model/engines.ts';
import { checkContradictions, untaken } from '../contradictions.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { loadExplainer } from '../model-options.ts';
import type { Arguments } from '../parse-arguments.ts';
import { progressBar } from '../progress.ts';
import { parseRequest, prepareInputs, readBaselines, readParams } from '../request.ts';
import { formatNumber } from '../summary.ts';
import { optionError } from '../usage-error.ts';
import { writeFiles } from '../write-files.ts';
import { methodOf } from './methods.ts';

/** `pathwise check MODEL --input FILE [--method ID,…] [--axiom NAME,…] [--quick] [-o report.json]` */
export async function checkCommand(args: Arguments, io: CommandIO): Promise<number> {
  const methods = (args.value('method') ?? 'integrated-gradients').split(',').map(methodOf);
  const axioms = parseAxioms(args.value('axiom'));
  const [report] = args.values('out');
  if (report !== undefined && !report.toLowerCase().endsWith('.json')) {
    throw optionError('-o', 'a file ending in .json', report);
  }
  const requests = methods.map((method) => {
    const own = withoutOthers(args, method, methods);
    checkContradictions(own, method);
    return { method, args: own, request: parseRequest(own, method) };
  });
  const explain = await loadExplainer(args);
  const bar = progressBar(io.stderr);
  const equalModels: { readonly name: string; readonly model: ReturnType<typeof graphModel> }[] = [];
  try {
    const { feeds } = await prepareInputs(args, explain);
    const baseline = await readBaselines(args, explain);
    equalModels.push(...equalModelsOf(explain, feeds));
    const certificates: (Certificate & { readonly model: string })[] = [];
    for (const [k, { method, args: own, request }] of requests.entries()) {
      bar.update({ phase: `check ${method.id}`, done: k, total: methods.length });
      const certificate = await checkAxioms(
        explain.model,
        method,
        {
          ...request,
          ...(await readParams(own, method, request)),
          ...(method.takes.baseline !== 'none' && baseline),
          inputs: feeds,
          signal: io.signal,
        },
        { axioms, quick: args.has('quick'), equalModels, ...(request.seed !== undefined && { seed: request.seed }) },
      );
      certificates.push({ model: explain.file.name, ...certificate });
    }
    bar.clear();
    const files =
      report === undefined ? [] : [{ path: report, content: `${JSON.stringify({ certificates }, null, 2)}\n` }];
    await writeFiles(files, io.signal);
    if (args.has('json')) io.stdout.write(`${JSON.stringify({ certificates })}\n`);
    else {
      io.stdout.write(table(certificates));
      if (report !== undefined) io.stdout.write(`wrote ${report}\n`);
    }
    return certificates.some((certificate) => certificate.axioms.some(fails)) ? EXIT.failed : EXIT.done;
  } finally {
    bar.clear();
    for (const { model } of equalModels) model.dispose();
    explain.dispose();
  }
}

/** The arguments without the options that only other methods of the list understand. */
function withoutOthers(args: Arguments, method: Method, methods: readonly Method[]): Arguments {
  const foreign = untaken(method).filter((option) => methods.some((other) => !untaken(other).includes(option)));
  return {
    ...args,
    has: (name) => !foreign.includes(name) && args.has(name),
    value: (name) => (foreign.includes(name) ? undefined : args.value(name)),
    values: (name) => (foreign.includes(name) ? [] : args.values(name)),
  };
}

function fails({ claimed, verdict }: AxiomEntry): boolean {
  return claimed && verdict === 'violated';
}

function parseAxioms(text: string | undefined): readonly AxiomId[] {
  if (text === undefined) return checkableAxioms;
  return text.split(',').map((name) => {
    const axiom = checkableAxioms.find((known) => known === name);
    if (axiom === undefined) throw optionError('--axiom', checkableAxioms.join(', '), name);
    return axiom;
  });
}

/** The user's model written in other ways, on the engine in use. */
function equalModelsOf(
  { file, inputs, model }: Explainer,
  feeds: Feeds,
): { readonly name: string; readonly model: ReturnType<typeof graphModel> }[] {
  const shapes = inputs.map(({ name, batched }) => {
    const shape = feeds[name]?.shape ?? [];
    return [name, batched ? [1, ...shape.slice(1)] : shape] as const;
  });
  const graph = 'nodes' in file.source ? file.source : file.source.graph(Object.fromEntries(shapes));
  const engine = engineOf(model.engine as 'reference');
  return rewritings(graph).map((rewriting) => ({ name: rewriting.name, model: graphModel(rewriting.graph, engine) }));
}

/** One line an axiom and method: verdict, deviation seen and allowed, trials. */
function table(certificates: readonly Certificate[]): string {
  const lines = certificates.flatMap(({ method, axioms }) =>
    axioms.map((entry) => {
      const head = `${method.padEnd(28)}${entry.axiom.padEnd(28)}${entry.verdict.padEnd(16)}`;
      return `${head}${entry.claimed ? '' : '(not claimed) '}${numbersOf(entry)}`;
    }),
  );
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function numbersOf({ deviation, scale, tolerance, trials, worst, note }: AxiomEntry): string {
  if (deviation === null || scale === null || tolerance === null) return note;
  const at =
    worst === null ? '' : `, worst in row ${worst.row}${worst.feature === null ? '' : ` feature ${worst.feature}`}`;
  const seen = `deviation ${formatNumber(deviation)}, allowed ${formatNumber(tolerance * scale)}, ${trials} trials${at}`;
  return note === '' ? seen : `${seen}; ${note}`;
}
