import {
  checkableAxioms,
  checkAxioms,
  type AxiomEntry,
  type AxiomId,
  type Certificate,
  type DummyModel,
  type Method,
} from '@pathwise/attribution';
import { sizeOf, toFloat64, type Feeds } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphModel } from '@pathwise/ops';
import { hiddenDummies } from '../../check/hidden-dummies.ts';
import { rewritings } from '../../check/rewritings.ts';
import type { Explainer } from '../../explainer.ts';
import { engineOf } from '../../model/engines.ts';
import { checkContradictions, untaken } from '../contradictions.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { notingReader, type FileDigest } from '../model-digests.ts';
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
  const reader = notingReader();
  const explain = await loadExplainer(args, reader.readFile);
  const files = reader.digests();
  const bar = progressBar(io.stderr);
  const equalModels: { readonly name: string; readonly model: ReturnType<typeof graphModel> }[] = [];
  const dummyModels: DummyModel[] = [];
  try {
    const { feeds } = await prepareInputs(args, explain);
    const baseline = await readBaselines(args, explain);
    const graph = graphOf(explain, feeds);
    if (axioms.includes('implementation-invariance')) equalModels.push(...equalModelsOf(explain, graph));
    if (axioms.includes('dummy')) {
      dummyModels.push(...(await dummyModelsOf(explain, graph, feeds, args.value('output'))));
    }
    const certificates: (Certificate & { readonly model: string; readonly files: readonly FileDigest[] })[] = [];
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
        {
          axioms,
          quick: args.has('quick'),
          equalModels,
          dummyModels,
          ...(request.seed !== undefined && { seed: request.seed }),
        },
      );
      certificates.push({ model: explain.file.name, files, ...certificate });
    }
    bar.clear();
    const written =
      report === undefined ? [] : [{ path: report, content: `${JSON.stringify({ certificates }, null, 2)}\n` }];
    await writeFiles(written, io.signal);
    if (args.has('json')) io.stdout.write(`${JSON.stringify({ certificates })}\n`);
    else {
      io.stdout.write(table(certificates));
      if (report !== undefined) io.stdout.write(`wrote ${report}\n`);
    }
    return exitCodeOf(certificates);
  } finally {
    bar.clear();
    for (const { model } of [...equalModels, ...dummyModels]) model.dispose();
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

/** 1 when a claimed axiom is violated; else 5 when one could not be checked, since its computation failed. */
function exitCodeOf(certificates: readonly Certificate[]): number {
  const claimed = certificates.flatMap(({ axioms }) => axioms.filter((entry) => entry.claimed));
  if (claimed.some(({ verdict }) => verdict === 'violated')) return EXIT.failed;
  return claimed.some(({ verdict }) => verdict === 'error') ? EXIT.computation : EXIT.done;
}

function parseAxioms(text: string | undefined): readonly AxiomId[] {
  if (text === undefined) return checkableAxioms;
  return text.split(',').map((name) => {
    const axiom = checkableAxioms.find((known) => known === name);
    if (axiom === undefined) throw optionError('--axiom', checkableAxioms.join(', '), name);
    return axiom;
  });
}

/** The user's model at the shapes of the inputs. */
function graphOf({ file, inputs }: Explainer, feeds: Feeds): Graph {
  const shapes = inputs.map(({ name, batched }) => {
    const shape = feeds[name]?.shape ?? [];
    return [name, batched ? [1, ...shape.slice(1)] : shape] as const;
  });
  return 'nodes' in file.source ? file.source : file.source.graph(Object.fromEntries(shapes));
}

/** The user's model written in other ways, on the engine in use. */
function equalModelsOf(
  { model }: Explainer,
  graph: Graph,
): { readonly name: string; readonly model: ReturnType<typeof graphModel> }[] {
  const engine = engineOf(model.engine as 'reference');
  return rewritings(graph).map((rewriting) => ({ name: rewriting.name, model: graphModel(rewriting.graph, engine) }));
}

/** The user's model with elements of its inputs that it reads and does not depend on. */
async function dummyModelsOf(
  { model }: Explainer,
  graph: Graph,
  feeds: Feeds,
  output: string | undefined,
): Promise<DummyModel[]> {
  const engine = engineOf(model.engine as 'reference');
  // Logits: what stands behind them, a final Softmax say, depends on the elements as little.
  const { tensor: target } = model.outputTensor(output, 'logit', feeds);
  const found: DummyModel[] = [];
  for (const tensor of model.inputs.flatMap(({ attributedAt }) => attributedAt ?? [])) {
    const given = feeds[tensor] ?? (await model.forward(feeds, [tensor]))[tensor];
    const size = sizeOf(graph.types.get(tensor)?.shape ?? []);
    if (given === undefined) continue;
    const row = { ...given, data: toFloat64(given.data).subarray(0, size) };
    for (const dummy of hiddenDummies(graph, tensor, target, row)) {
      found.push({ ...dummy, model: graphModel(dummy.graph, engine) });
    }
  }
  return found;
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
