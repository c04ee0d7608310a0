import {
  checkableAxioms,
  checkAxioms,
  estimateLipschitz,
  jacobianNorms,
  type AttributionRequest,
  type AxiomEntry,
  type AxiomId,
  type Certificate,
  type DummyModel,
  type JacobianNorm,
  type LipschitzEstimate,
  type Method,
} from '@pathwise/attribution';
import { sizeOf, toFloat64, type Feeds, type Tensor } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { graphModel } from '@pathwise/ops';
import { hiddenDummies, withZeroAdded } from '../../check/hidden-dummies.ts';
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
import { parseRequest, prepareInputs, readBaselines, readFeatureMask, readParams } from '../request.ts';
import { formatNumber } from '../summary.ts';
import { optionError } from '../usage-error.ts';
import { writeFiles } from '../write-files.ts';
import { methodOf } from './methods.ts';

/** `pathwise check MODEL --input FILE [--method ID,…] [--axiom NAME,…] [--quick] [-o report.json]` */
export async function checkCommand(args: Arguments, io: CommandIO): Promise<number> {
  const methods = (args.value('method') ?? 'integrated-gradients').split(',').map(methodOf);
  const { axioms, lipschitz } = parseAxioms(args.value('axiom'));
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
  const equalModels: EqualModel[] = [];
  const dummyModels: DummyModel[] = [];
  try {
    const { feeds } = await prepareInputs(args, explain);
    const baseline = await readBaselines(args, explain);
    const featureMask = await readFeatureMask(args, explain);
    if (axioms.some((axiom) => axiom === 'implementation-invariance' || axiom === 'dummy')) {
      const original = await originalOf(explain, feeds, args.value('output'));
      if (axioms.includes('implementation-invariance')) equalModels.push(...equalModelsOf(original));
      if (axioms.includes('dummy')) dummyModels.push(...dummyModelsOf(original));
    }
    const certificates: FileCertificate[] = [];
    for (const [k, { method, args: own, request }] of requests.entries()) {
      bar.update({ phase: `check ${method.id}`, done: k, total: methods.length });
      const seed = request.seed === undefined ? {} : { seed: request.seed };
      const quick = args.has('quick');
      const whole: AttributionRequest = {
        ...request,
        ...(await readParams(own, method, request)),
        ...(method.takes.baseline !== 'none' && baseline),
        ...(method.takes.featureMask === true && featureMask),
        inputs: feeds,
        signal: io.signal,
      };
      const asked = { axioms, quick, equalModels, dummyModels, ...seed };
      const certificate = await checkAxioms(explain.model, method, whole, asked);
      const speed = lipschitz ? { lipschitz: await speedOf(explain, method, whole, { quick, ...seed }) } : {};
      certificates.push({ model: explain.file.name, files, ...certificate, ...speed });
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

/** How fast attributions change with the input. */
interface Speed {
  /** Lower bounds of the Lipschitz constant on balls, from pairs of points. */
  readonly sampled: readonly LipschitzEstimate[];
  /** The norm of the Jacobian at each row; null where it is not known. */
  readonly atRow: readonly JacobianNorm[] | null;
}

interface FileCertificate extends Certificate {
  readonly model: string;
  readonly files: readonly FileDigest[];
  readonly lipschitz?: Speed;
}

/** Random directions of `--quick`, besides the difference from the baseline and the gradient. */
const FEW_DIRECTIONS = 2;

async function speedOf(
  { model }: Explainer,
  method: Method,
  request: AttributionRequest,
  { quick, seed = 0 }: { readonly quick: boolean; readonly seed?: number },
): Promise<Speed> {
  const sampled = await estimateLipschitz(model, method, request, {
    seed,
    ...(quick && { directions: FEW_DIRECTIONS }),
  });
  const atRow = method.id === 'integrated-gradients' ? await jacobianNorms(model, request) : null;
  return { sampled, atRow };
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

/** Not an axiom, but asked for like one. */
const LIPSCHITZ = 'lipschitz';

function parseAxioms(text: string | undefined): { readonly axioms: readonly AxiomId[]; readonly lipschitz: boolean } {
  if (text === undefined) return { axioms: checkableAxioms, lipschitz: false };
  const names = text.split(',');
  const axioms = names.flatMap((name) => {
    if (name === LIPSCHITZ) return [];
    const axiom = checkableAxioms.find((known) => known === name);
    if (axiom === undefined) throw optionError('--axiom', [...checkableAxioms, LIPSCHITZ].join(', '), name);
    return [axiom];
  });
  return { axioms, lipschitz: names.includes(LIPSCHITZ) };
}

/** The user's model at the shapes of the inputs. */
function graphOf({ file, inputs }: Explainer, feeds: Feeds): Graph {
  const shapes = inputs.map(({ name, batched }) => {
    const shape = feeds[name]?.shape ?? [];
    return [name, batched ? [1, ...shape.slice(1)] : shape] as const;
  });
  return 'nodes' in file.source ? file.source : file.source.graph(Object.fromEntries(shapes));
}

type EqualModel = { readonly name: string; readonly model: ReturnType<typeof graphModel> };

/** The user's model, as versions of it are made. */
interface Original {
  readonly graph: Graph;
  /** That in use. */
  readonly engine: Engine;
  /** The tensor of the logits: what stands behind it, a final Softmax say, depends on the elements as little. */
  readonly target: string;
  readonly rows: readonly AttributedRow[];
}

async function originalOf(explain: Explainer, feeds: Feeds, output: string | undefined): Promise<Original> {
  const graph = graphOf(explain, feeds);
  return {
    graph,
    engine: engineOf(explain.model.engine as 'reference'),
    target: explain.model.outputTensor(output, 'logit', feeds).tensor,
    rows: await attributedRows(explain, graph, feeds),
  };
}

/** The user's model written in other ways. */
function equalModelsOf({ graph, engine, target, rows: [first] }: Original): EqualModel[] {
  const added = first === undefined ? [] : withZeroAdded(graph, first.tensor, target, first.row);
  return [...rewritings(graph), ...added].map((one) => ({ name: one.name, model: graphModel(one.graph, engine) }));
}

/** The user's model with elements of its inputs that it reads and does not depend on. */
function dummyModelsOf({ graph, engine, target, rows }: Original): DummyModel[] {
  return rows.flatMap(({ tensor, row }) =>
    hiddenDummies(graph, tensor, target, row).map((dummy) => ({ ...dummy, model: graphModel(dummy.graph, engine) })),
  );
}

interface AttributedRow {
  readonly tensor: string;
  readonly row: Tensor;
}

/** The attributed tensors, each with its first row. */
async function attributedRows({ model }: Explainer, graph: Graph, feeds: Feeds): Promise<AttributedRow[]> {
  const found: AttributedRow[] = [];
  for (const tensor of model.inputs.flatMap(({ attributedAt }) => attributedAt ?? [])) {
    const given = feeds[tensor] ?? (await model.forward(feeds, [tensor]))[tensor];
    const size = sizeOf(graph.types.get(tensor)?.shape ?? []);
    if (given !== undefined) found.push({ tensor, row: { ...given, data: toFloat64(given.data).subarray(0, size) } });
  }
  return found;
}

/** One line an axiom and method: verdict, deviation seen and allowed, trials. */
function table(certificates: readonly FileCertificate[]): string {
  const width = Math.max(28, ...certificates.map(({ method }) => method.length + 2));
  const lines = certificates.flatMap(({ method, axioms, lipschitz }) => [
    ...axioms.map((entry) => {
      const head = `${method.padEnd(width)}${entry.axiom.padEnd(28)}${entry.verdict.padEnd(16)}`;
      return `${head}${entry.claimed ? '' : '(not claimed) '}${numbersOf(entry)}`;
    }),
    ...speedLines(lipschitz).map((text) => `${method.padEnd(width)}${LIPSCHITZ.padEnd(28)}${text}`),
  ]);
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function speedLines(speed: Speed | undefined): string[] {
  const { sampled = [], atRow = [] } = speed ?? {};
  const onBalls = sampled.map(({ row, radius, lowerBound, relative }) => {
    const within = `row ${row}: at least ${formatNumber(lowerBound)} within ${formatNumber(radius)}`;
    return `${within} (relative ${formatNumber(relative)}; sampled)`;
  });
  const atPoints = (atRow ?? []).map(({ row, norm, relative, estimator, iterations, transversality }) => {
    const angle = transversality === null ? '' : `, kinks crossed at |cos| >= ${formatNumber(transversality)}`;
    const how = `${estimator.replace('-', ' ')}, ${iterations} iterations${angle}`;
    return `row ${row}: ${formatNumber(norm)} at the row (relative ${formatNumber(relative)}; ${how})`;
  });
  return [...onBalls, ...atPoints];
}

function numbersOf({ deviation, scale, tolerance, trials, worst, note }: AxiomEntry): string {
  if (deviation === null || scale === null || tolerance === null) return note;
  const at =
    worst === null ? '' : `, worst in row ${worst.row}${worst.feature === null ? '' : ` feature ${worst.feature}`}`;
  const seen = `deviation ${formatNumber(deviation)}, allowed ${formatNumber(tolerance * scale)}, ${trials} trials${at}`;
  return note === '' ? seen : `${seen}; ${note}`;
}
