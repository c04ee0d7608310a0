import { methodById, prune, rankings, type PruneCount, type PruneResult, type Ranking } from '@pathwise/attribution';
import { pruning, rasterize, report, type PruningOptions } from '@pathwise/viz';
import type { Explainer } from '../../explainer.ts';
import type { PreparedInput } from '../../input/prepare.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { parseInteger, numberOf } from '../grammar/numbers.ts';
import { withoutArrays } from '../json-result.ts';
import { loadExplainer } from '../model-options.ts';
import type { Arguments } from '../parse-arguments.ts';
import { progressBar } from '../progress.ts';
import { parseRequest, prepareInputs, readBaselines, readParams } from '../request.ts';
import { optionError, usageError } from '../usage-error.ts';
import { writeFiles, type OutputFile } from '../write-files.ts';

const ENDINGS = ['.json', '.svg', '.png', '.html'];
const DEFAULT_RANKINGS = rankings.filter((ranking) => ranking !== 'random-active');

/** `pathwise prune MODEL --input FILE --layer TENSOR --param region=… [--prune N,…] [--rank R,…] [-o FILE …]` */
export async function pruneCommand(args: Arguments, io: CommandIO): Promise<number> {
  const paths = args.values('out');
  const bad = paths.find((path) => !ENDINGS.some((ending) => path.toLowerCase().endsWith(ending)));
  if (bad !== undefined) throw optionError('-o', `a file ending in ${ENDINGS.join(', ')}`, bad);
  const layer = args.value('layer');
  if (layer === undefined) throw usageError('pathwise prune needs --layer TENSOR; `pathwise inspect MODEL` lists them');
  const conductance = methodById('layer-conductance');
  const { steps, quadrature: _, ...request } = parseRequest(args, conductance);
  const asked = {
    prune: optional(args, 'prune', (text) => text.split(',').map(parseCount)),
    rankings: optional(args, 'rank', (text) => text.split(',').map(parseRanking)) ?? DEFAULT_RANKINGS,
    ablate: optional(args, 'ablate', parseAblation),
  };
  const explain = await loadExplainer(args);
  const bar = progressBar(io.stderr);
  try {
    const prepared = await prepareInputs(args, explain);
    const { params = {} } = await readParams(args, conductance, request);
    const region = params['region'] as readonly number[] | undefined;
    if (region === undefined)
      throw usageError('pathwise prune needs --param region=row0,column0,row1,column1 or a file');
    const result = await prune(explain.model, {
      ...request,
      ...asked,
      ...(await readBaselines(args, explain)),
      inputs: prepared.feeds,
      layer,
      region,
      steps,
      signal: io.signal,
      onProgress: (progress) => bar.update(progress),
    });
    bar.clear();
    const json = { model: explain.file.name, region, ...withoutArrays(result) };
    await writeFiles(await filesOf(paths, result, json, pictureOptions(explain, prepared, region)), io.signal);
    io.stdout.write(args.has('json') ? `${JSON.stringify({ ...json, files: paths })}\n` : summaryOf(result, paths));
    return EXIT.done;
  } finally {
    bar.clear();
    explain.dispose();
  }
}

function optional<T>(args: Arguments, name: string, parse: (text: string) => T): T | undefined {
  const text = args.value(name);
  return text === undefined ? undefined : parse(text);
}

function parseCount(text: string): PruneCount {
  if (!text.endsWith('%')) return { count: parseInteger('--prune', text, 1) };
  const percent = numberOf(text.slice(0, -1));
  if (percent === null || !(percent > 0 && percent <= 100)) {
    throw optionError('--prune', 'numbers of units, or shares above 0% up to 100%', text);
  }
  return { share: percent / 100 };
}

function parseRanking(text: string): Ranking {
  const ranking = rankings.find((known) => known === text);
  if (ranking === undefined) throw optionError('--rank', rankings.join(', '), text);
  return ranking;
}

function parseAblation(text: string): 'zero' | 'baseline' {
  if (text !== 'zero' && text !== 'baseline') throw optionError('--ablate', 'zero or baseline', text);
  return text;
}

function pictureOptions(
  explain: Explainer,
  { images, layouts }: PreparedInput,
  region: readonly number[],
): PruningOptions {
  const [input = ''] = explain.inputs.map(({ name }) => name);
  const [image, layout] = [images[input], layouts[input]];
  return {
    ...(explain.labels !== undefined && { labels: explain.labels }),
    ...(image !== undefined && { image }),
    ...(layout !== undefined && { layout }),
    ...(isBox(region) && { region }),
  };
}

function isBox(region: readonly number[]): region is readonly [number, number, number, number] {
  return region.length === 4;
}

async function filesOf(
  paths: readonly string[],
  result: PruneResult,
  json: object,
  options: PruningOptions,
): Promise<OutputFile[]> {
  const contents: Record<string, () => OutputFile['content'] | Promise<OutputFile['content']>> = {
    json: () => `${JSON.stringify(json, null, 2)}\n`,
    svg: () => pruning(result, options).svg,
    png: () => rasterize(pruning(result, options).svg),
    html: () => {
      const draw = (scheme: 'light' | 'dark') => pruning(result, { ...options, scheme, heading: false });
      return report(result.maps.before, { ...options, pictures: [{ light: draw('light'), dark: draw('dark') }] });
    },
  };
  const files: OutputFile[] = [];
  for (const path of paths) {
    const ending = path.slice(path.lastIndexOf('.') + 1).toLowerCase();
    files.push({ path, content: await contents[ending]!() });
  }
  return files;
}

function summaryOf({ layer, units, target, regionShare, curves }: PruneResult, paths: readonly string[]): string {
  const percent = (value: number): string => `${value.toFixed(1)} %`.padStart(10);
  const lines = curves.flatMap(({ ranking, points }) =>
    points.map(({ count, regionDrop, restDrop, selectivity }) =>
      [
        ranking.padEnd(24),
        String(count).padStart(7),
        percent(regionDrop),
        percent(restDrop),
        selectivity.toFixed(1).padStart(12),
      ].join(''),
    ),
  );
  return [
    `${target.length} inputs; the region holds ${(100 * regionShare).toFixed(0)} % of their maps`,
    `${`units of ${layer} (${units})`.padEnd(24)}${'removed'.padStart(7)}${'region'.padStart(10)}${'rest'.padStart(10)}${'selectivity'.padStart(12)}`,
    ...lines,
    ...paths.map((path) => `wrote ${path}`),
    '',
  ].join('\n');
}
