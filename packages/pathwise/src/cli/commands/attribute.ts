import { isFloat, type Attribution } from '@pathwise/model';
import type { RenderOptions } from '@pathwise/viz';
import { host } from '#host';
import type { Explainer } from '../../explainer.ts';
import { readLabels } from '../../files/labels.ts';
import type { PreparedInput } from '../../input/prepare.ts';
import type { ImageLayout } from '../../preprocess/recipe.ts';
import { checkContradictions } from '../contradictions.ts';
import { EXIT } from '../exit-codes.ts';
import type { CommandIO } from '../io.ts';
import { jsonResult } from '../json-result.ts';
import { loadExplainer } from '../model-options.ts';
import { checkOutputs, outputFiles, perToken } from '../outputs.ts';
import type { Arguments } from '../parse-arguments.ts';
import { progressBar } from '../progress.ts';
import { parseRequest, prepareInputs, readBaselines, readFeatureMask, readParams } from '../request.ts';
import { summarize } from '../summary.ts';
import { usageError } from '../usage-error.ts';
import { methodOf } from './methods.ts';
import { writeFiles } from '../write-files.ts';

/** `pathwise attribute MODEL --input FILE … -o FILE …` */
export async function attributeCommand(args: Arguments, io: CommandIO): Promise<number> {
  const started = performance.now();
  const method = methodOf(args.value('method') ?? 'integrated-gradients');
  const paths = args.values('out');
  checkOutputs(paths);
  checkContradictions(args, method);
  if (paths.length === 0 && !args.has('json')) {
    throw usageError('pathwise attribute needs -o FILE (.npy, .npz, .json, .png, .svg or .html), or --json');
  }
  const request = parseRequest(args, method);
  const explain = await loadExplainer(args);
  const bar = progressBar(io.stderr);
  try {
    const embeddings = embeddingsOf(explain);
    if (args.has('per-token') && embeddings.size === 0) {
      throw usageError('--per-token: the model takes no token ids; it sums over the dimensions of their embeddings');
    }
    const vocabulary = await readVocabulary(args, embeddings);
    const prepared = await prepareInputs(args, explain);
    const baseline = await readBaselines(args, explain);
    const featureMask = await readFeatureMask(args, explain);
    const params = await readParams(args, method, request);
    // What the model cannot support is refused by the call below before anything is computed.
    const seen = explain.supports(method.id).ok
      ? await explain.predict(prepared, {
          ...(request.output !== undefined && { output: request.output }),
          signal: io.signal,
        })
      : null;
    const whole = await explain(prepared, {
      ...request,
      // Exact mode may take another engine.
      ...(seen !== null && request.exact !== true && { known: seen.outputs }),
      ...params,
      ...baseline,
      ...featureMask,
      method: method.id,
      signal: io.signal,
      onProgress: (progress) => bar.update(progress),
    });
    bar.clear();
    const attribution = args.has('per-token') ? perToken(whole, embeddings) : whole;
    const seconds = (performance.now() - started) / 1000;
    const facts = { model: explain.file.name, prediction: seen?.top ?? null, seconds };
    const json = jsonResult(attribution, facts);
    const options = pictureOptions(attribution, explain, prepared, { args, vocabulary });
    const files = await outputFiles(paths, attribution, json, options);
    await writeFiles(files, io.signal);
    const written = files.map(({ path }) => path);
    if (args.has('json')) io.stdout.write(`${JSON.stringify({ ...json, files: written })}\n`);
    else
      io.stdout.write(
        summarize(attribution, {
          labels: explain.labels,
          outputs: explain.outputs.map(({ name }) => name),
          prediction: seen?.top ?? null,
          files: written,
          seconds,
        }),
      );
    return statusOf(attribution, args, io);
  } finally {
    bar.clear();
    explain.dispose();
  }
}

function statusOf({ errorMet }: Attribution, args: Arguments, { stderr }: CommandIO): number {
  const missed = (errorMet ?? []).flatMap((met, row) => (met ? [] : [row]));
  if (!args.has('strict') || missed.length === 0) return EXIT.done;
  stderr.write(`pathwise: --strict: the tolerance was not met in row ${missed.join(', ')}\n`);
  return EXIT.failed;
}

/** Tensors that token ids are attributed at. */
function embeddingsOf(explain: Explainer): ReadonlySet<string> {
  return new Set(
    explain.inputs.flatMap(({ dtype, attributedAt }) =>
      attributedAt === null || isFloat(dtype) ? [] : [attributedAt],
    ),
  );
}

/** Pictures show the first attributed tensor of row 0, over the image where the tensor has its framing. */
function pictureOptions(
  { attributions }: Attribution,
  explain: Explainer,
  { images, layouts, featureNames, feeds }: PreparedInput,
  { args, vocabulary }: { readonly args: Arguments; readonly vocabulary: readonly string[] },
): Omit<RenderOptions, 'format'> {
  const [tensor = ''] = Object.keys(attributions);
  const shape = attributions[tensor]?.shape ?? [];
  const ids = explain.inputs.find(({ attributedAt, dtype }) => attributedAt === tensor && !isFloat(dtype));
  const [source = tensor] =
    ids === undefined ? [tensor, ...Object.keys(images)].filter((name) => images[name] !== undefined) : [];
  const image = images[source];
  // Maps of one channel, as Grad-CAM gives, have it second in every model.
  const own = layouts[source];
  const framing =
    image === undefined || own === undefined
      ? undefined
      : [own, own === 'nhwc' ? ('nchw' as const) : own].find((l) => hasFraming(shape, l, image));
  const layout = framing ?? own;
  const isFramed = image !== undefined && (source === tensor || framing !== undefined);
  const values = feeds[tensor];
  const names = featureNames[tensor];
  return {
    modelName: explain.file.name,
    inputName: args.values('input').join(' '),
    // Labels name elements of outputs, not of layers.
    ...(explain.labels !== undefined && !args.has('neuron') && { labels: explain.labels }),
    ...(isFramed && { image }),
    ...(layout !== undefined && { layout }),
    ...(names !== undefined && names.length === shape[1] && shape.length === 2 && { featureNames: names }),
    ...(values !== undefined &&
      shape.length === 2 && {
        values: Array.from(values.data.subarray(0, shape[1]), Number),
        allValues: Array.from(values.data, Number),
      }),
    ...(ids !== undefined &&
      shape[1] !== undefined && {
        tokens: tokenTexts(feeds[ids.name]?.data, shape[1], vocabulary),
      }),
  };
}

function hasFraming(shape: readonly number[], layout: ImageLayout, image: { width: number; height: number }): boolean {
  const [height = 0, width = 0] = shape.length !== 4 ? [] : layout === 'nhwc' ? shape.slice(1, 3) : shape.slice(2);
  return height > 1 && width > 1 && height * image.width === width * image.height;
}

/** Texts of the token ids of `--vocabulary`; [] without. */
async function readVocabulary(args: Arguments, embeddings: ReadonlySet<string>): Promise<readonly string[]> {
  const file = args.value('vocabulary');
  if (file === undefined) return [];
  if (embeddings.size === 0) throw usageError('--vocabulary: the model takes no token ids');
  return readLabels(await host.readFile(file), file);
}

/** Without a vocabulary tokens are known by their ids, as are those that it does not hold. */
function tokenTexts(
  ids: ArrayLike<number | bigint> | undefined,
  count: number,
  vocabulary: readonly string[],
): string[] {
  return Array.from({ length: count }, (_, i) => vocabulary[Number(ids?.[i])] || String(ids?.[i] ?? i));
}
