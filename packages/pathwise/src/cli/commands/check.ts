import type { Attribution } from '@pathwise/model';
import type { AxiomId, Method } from '@pathwise/attribution';
import type { Explainer } from '../../explainer.ts';
import { checkContradictions } from '../contradictions.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { loadExplainer } from '../model-options.ts';
import type { Arguments } from '../parse-arguments.ts';
import { parseRequest, prepareInputs, readBaselines } from '../request.ts';
import { formatNumber } from '../summary.ts';
import { optionError } from '../usage-error.ts';
import { writeFiles } from '../write-files.ts';
import { methodOf } from './methods.ts';

/** What was found about one axiom. */
interface AxiomResult {
  readonly axiom: AxiomId;
  readonly claimed: boolean;
  readonly verdict: 'held' | 'violated' | 'not-applicable';
  /** Largest deviation, in units of the output. */
  readonly deviation: number | null;
  /** What the deviation is compared with. */
  readonly scale: number | null;
  readonly tolerance: number;
  readonly trials: number;
  readonly worst: { readonly row: number } | null;
  readonly note: string;
}

/** What was found about one method on a model and its inputs. */
interface Certificate {
  readonly method: string;
  readonly model: string;
  readonly target: readonly string[];
  readonly rows: number;
  readonly seed: number | null;
  readonly engine: string;
  readonly axioms: readonly AxiomResult[];
  readonly evaluations: Attribution['evaluations'];
}

const CHECKABLE: readonly AxiomId[] = ['completeness'];

/** `pathwise check MODEL --input FILE [--method ID,…] [--axiom NAME,…]` */
export async function checkCommand(args: Arguments, io: CommandIO): Promise<number> {
  const methods = (args.value('method') ?? 'integrated-gradients').split(',').map(methodOf);
  const axioms = parseAxioms(args.value('axiom'));
  const [report] = args.values('out');
  if (report !== undefined && !report.toLowerCase().endsWith('.json'))
    throw optionError('-o', 'a file ending in .json', report);
  for (const method of methods) checkContradictions(args, method);
  const explain = await loadExplainer(args);
  try {
    const certificates: Certificate[] = [];
    for (const method of methods) certificates.push(await certify(args, io, explain, method, axioms));
    const files =
      report === undefined ? [] : [{ path: report, content: `${JSON.stringify({ certificates }, null, 2)}\n` }];
    await writeFiles(files, io.signal);
    io.stdout.write(args.has('json') ? `${JSON.stringify({ certificates })}\n` : certificates.map(describe).join(''));
    return certificates.some(({ axioms: results }) => results.some(fails)) ? EXIT.failed : EXIT.done;
  } finally {
    explain.dispose();
  }
}

function fails({ claimed, verdict }: AxiomResult): boolean {
  return claimed && verdict === 'violated';
}

function parseAxioms(text: string | undefined): readonly AxiomId[] {
  return (text?.split(',') ?? CHECKABLE).map((name) => {
    const axiom = CHECKABLE.find((known) => known === name);
    if (axiom === undefined) throw optionError('--axiom', CHECKABLE.join(', '), name);
    return axiom;
  });
}

async function certify(
  args: Arguments,
  io: CommandIO,
  explain: Explainer,
  method: Method,
  axioms: readonly AxiomId[],
): Promise<Certificate> {
  const prepared = await prepareInputs(args, explain);
  const request = { ...parseRequest(args, method), ...(await readBaselines(args, explain)) };
  const attribution = await explain(prepared, { ...request, method: method.id, signal: io.signal });
  return {
    method: method.id,
    model: explain.file.name,
    target: attribution.target,
    rows: attribution.outputAtInput.length,
    seed: attribution.seed,
    engine: attribution.engine,
    axioms: axioms.map(() => completeness(method, attribution)),
    evaluations: attribution.evaluations,
  };
}

/** Relative deviation that a fixed number of nodes may leave; with an adaptive rule the stated error bounds it. */
const QUADRATURE_TOLERANCE = 0.01;

/** Sum of the attributions against F(x) - F(x'). */
function completeness(
  method: Method,
  { convergenceDelta, outputAtInput, outputAtBaseline, attributions, error, complete }: Attribution,
): AxiomResult {
  const claimed = method.claims.includes('completeness');
  const result = { axiom: 'completeness' as const, claimed, trials: outputAtInput.length };
  if (convergenceDelta === null || outputAtBaseline === null) {
    return {
      ...result,
      verdict: 'not-applicable',
      deviation: null,
      scale: null,
      tolerance: 0,
      worst: null,
      note: 'the method has no baseline',
    };
  }
  if (complete === false) {
    return {
      ...result,
      verdict: 'not-applicable',
      deviation: null,
      scale: null,
      tolerance: 0,
      worst: null,
      note: 'the layer is no cut of the model',
    };
  }
  const rows = convergenceDelta.map((delta, row) => {
    const change = Math.abs((outputAtInput[row] as number) - (outputAtBaseline[row] as number));
    const floor = 1e-6 * Math.max(Math.abs(outputAtInput[row] as number), Math.abs(outputAtBaseline[row] as number));
    const scale = Math.max(change, floor);
    const stated = error?.[row];
    // The stated error is relative to the L1 norm of the attributions.
    const allowed =
      stated === undefined ? QUADRATURE_TOLERANCE * scale : Math.max(stated * norm(attributions, row), 1e-9 * scale);
    return { row, deviation: Math.abs(delta), scale, allowed };
  });
  const worst = rows.reduce((a, b) => (b.deviation / b.allowed > a.deviation / a.allowed ? b : a));
  return {
    ...result,
    verdict: worst.deviation <= worst.allowed ? 'held' : 'violated',
    deviation: worst.deviation,
    scale: worst.scale,
    tolerance: worst.allowed / worst.scale,
    worst: { row: worst.row },
    note: '',
  };
}

function norm(attributions: Attribution['attributions'], row: number): number {
  let sum = 0;
  for (const { shape, data } of Object.values(attributions)) {
    const size = data.length / (shape[0] ?? 1);
    for (let i = row * size; i < (row + 1) * size; i++) sum += Math.abs(Number(data[i]));
  }
  return sum;
}

function describe({ method, axioms, rows }: Certificate): string {
  return axioms
    .map(({ axiom, claimed, verdict, deviation, scale, tolerance, note }) => {
      const numbers =
        deviation === null || scale === null
          ? note
          : `deviation ${formatNumber(deviation)} of ${formatNumber(scale)}, allowed ${formatNumber(tolerance * scale)}, ${rows} rows`;
      return `${method.padEnd(30)}${axiom.padEnd(16)}${verdict.padEnd(16)}${claimed ? '' : '(not claimed) '}${numbers}\n`;
    })
    .join('');
}
