import type { Blocker, InputInfo, Support, TensorInfo } from '@pathwise/model';
import { printDot, printSvg } from '@pathwise/graph';
import { unsupported, type OnnxSource } from '@pathwise/onnx';
import { ops } from '@pathwise/ops';
import { host } from '#host';
import { inspectModel, type Cost, type Inspection } from '../../inspect/inspection.ts';
import { loadModel } from '../../model/model-file.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { loadExplainer, modelOf } from '../model-options.ts';
import type { Arguments } from '../parse-arguments.ts';
import { optionError } from '../usage-error.ts';
import { writeFiles } from '../write-files.ts';

/** `pathwise inspect MODEL [--json] [-o graph.svg]` */
export async function inspectCommand(args: Arguments, io: CommandIO): Promise<number> {
  const paths = args.values('out');
  for (const path of paths)
    if (!/\.(svg|dot)$/i.test(path)) throw optionError('-o', 'a file ending in .svg or .dot', path);
  const blockers = await importBlockers(args);
  if (blockers.length > 0) return refuse(blockers, args, io);
  const explain = await loadExplainer(args);
  try {
    const { inspection, graph } = inspectModel(explain);
    const files = paths.map((path) => ({
      path,
      content: path.toLowerCase().endsWith('.svg') ? printSvg(graph, ops) : printDot(graph, ops),
    }));
    await writeFiles(files, io.signal);
    if (args.has('json')) io.stdout.write(`${JSON.stringify({ ...inspection, files: paths })}\n`);
    else io.stdout.write(describe(inspection) + paths.map((path) => `wrote ${path}\n`).join(''));
    return EXIT.done;
  } finally {
    explain.dispose();
  }
}

/** Every node that stands in the way of importing the MODEL. */
async function importBlockers(args: Arguments): Promise<readonly Blocker[]> {
  const { source } = await loadModel(modelOf(args), host);
  return 'blockers' in source ? unsupported(source as OnnxSource) : [];
}

/** A model that cannot be imported is still described: by what is missing. */
function refuse(blockers: readonly Blocker[], args: Arguments, { stdout }: CommandIO): number {
  if (args.has('json')) stdout.write(`${JSON.stringify({ supported: false, blockers })}\n`);
  else {
    const rows = blockers.map(({ node, op, reason }) => [node, op, reason]);
    stdout.write(`the model cannot be imported\n\n${table([['node', 'op', 'reason'], ...rows]).join('\n')}\n`);
  }
  return EXIT.unsupported;
}

function describe(inspection: Inspection): string {
  const { name, fileBytes, opset, parameters, nodes, forward, gradient, assumedShapes } = inspection;
  const assumed = Object.entries(assumedShapes).map(([input, shape]) => `${input} [${shape.join(',')}]`);
  const lines = [
    [
      name,
      opset !== null && `opset ${opset}`,
      fileBytes !== null && formatBytes(fileBytes),
      `${parameters} parameters`,
      `${nodes} nodes`,
    ]
      .filter((part) => part !== false)
      .join(', '),
    '',
    ...inspection.inputs.map(inputText),
    ...inspection.outputs.map((output) => `output  ${typeText(output)}`),
    '',
    ...(assumed.length === 0 ? [] : [`sizes that the file leaves open, as assumed here: ${assumed.join(', ')}`]),
    `forward     ${costText(forward)}`,
    `path point  ${gradient === null ? 'gradients cannot be formed' : costText(gradient)}`,
    '',
    ...table([
      ['op', 'nodes', 'gradient', 'relevance', 'without rules in'],
      ...inspection.ops.map(({ op, count, gradient: kind, relevance, withoutRule }) => [
        op,
        String(count),
        kind,
        relevance ?? 'none',
        withoutRule.length === 0 ? '–' : withoutRule.join(', '),
      ]),
    ]),
    '',
    ...table([['engine', ''], ...supportRows(inspection.engines)]),
    '',
    ...table([['method', ''], ...supportRows(inspection.methods)]),
    '',
    ...table([['tensor', 'type'], ...inspection.tensors.map((t) => [t.name, `${t.dtype} [${t.shape.join(',')}]`])]),
  ];
  return `${lines.join('\n')}\n`;
}

function inputText(input: InputInfo): string {
  if (input.attributedAt === null) return `input   ${typeText(input)}, constant: it cannot be attributed`;
  const place = input.attributedAt === input.name ? '' : `, attributed at "${input.attributedAt}"`;
  return `input   ${typeText(input)}${place}`;
}

function typeText({ name, dtype, shape }: TensorInfo): string {
  return `${name}  ${dtype} [${shape.join(',')}]`;
}

function supportRows(supports: Readonly<Record<string, Support>>): string[][] {
  return Object.entries(supports).map(([id, support]) => [id, support.ok ? 'yes' : blockersText(support.missing)]);
}

function blockersText(missing: readonly Blocker[]): string {
  const [first] = missing;
  if (first === undefined) return 'no';
  const where = first.op === '' ? '' : `node "${first.node}" (${first.op}): `;
  return `no: ${where}${first.reason}${missing.length > 1 ? ` (and ${missing.length - 1} more)` : ''}`;
}

function costText({ flop, bytes }: Cost): string {
  return `${formatCount(flop)}FLOP, ${formatBytes(bytes)}`;
}

function formatCount(value: number): string {
  const step =
    value >= 1e9
      ? ([1e9, 'G'] as const)
      : value >= 1e6
        ? ([1e6, 'M'] as const)
        : value >= 1e3
          ? ([1e3, 'k'] as const)
          : ([1, ''] as const);
  return `${Number((value / step[0]).toPrecision(3))} ${step[1]}`;
}

function formatBytes(bytes: number): string {
  return `${formatCount(bytes)}B`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd((widths[column] ?? 0) + 2)))
      .join('')
      .trimEnd(),
  );
}
