import { rowsOf, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import {
  bars,
  colourRange,
  featureMap,
  heatmap,
  kindOf,
  selectRow,
  series,
  tokens,
  type Image,
  type Picture,
  type PictureOptions,
} from '@pathwise/viz';
import type { Attribution, Explainer } from 'pathwise';
import type { ModelRow } from './inputs.ts';
import type { DrawnPicture, Look, ModelFacts, Probe } from './protocol.ts';

/** What a picture of an attribution needs besides it. */
export interface Scene {
  readonly model: {
    readonly kind: ModelFacts['kind'];
    readonly notes: readonly string[];
    readonly explain: Pick<Explainer, 'inputs' | 'labels'>;
  };
  readonly row: ModelRow;
}

export interface DrawOptions {
  readonly heading?: boolean;
  readonly limit?: number | undefined;
  readonly look: Look;
  readonly title?: string;
}

/** The attribution as it is shown: words without their padding, and only the strongest places when that is asked. */
export function shown(attribution: Attribution, scene: Scene, { top, channels }: Look): Attribution {
  const { row } = scene;
  const [[name, tensor] = ['', undefined]] = Object.entries(attribution.attributions);
  if (tensor === undefined) return attribution;
  const { words } = row;
  const isWords = words !== null && isAttributedInput(scene, name) && tensor.shape.length === 3;
  const cut = isWords ? firstOfAxis(tensor, words.length) : tensor;
  if (top >= 100) return cut === tensor ? attribution : { ...attribution, attributions: { [name]: cut } };
  return { ...attribution, attributions: { [name]: strongest(cut, top / 100, channels === 'max-abs') } };
}

/** Whether a tensor is what attributions of an input refer to, and not a layer. */
export function isAttributedInput({ model }: Scene, tensor: string): boolean {
  return model.explain.inputs.some(({ attributedAt }) => attributedAt === tensor);
}

/** The first `count` entries of axis 1 of a tensor of one row. */
function firstOfAxis(tensor: Tensor, count: number): Tensor {
  const [, , ...rest] = tensor.shape;
  return { ...tensor, shape: [1, count, ...rest], data: tensor.data.slice(0, count * sizeOf(rest)) };
}

/** Zero but for the share of places (pixels, words, features) with the largest values. */
function strongest(tensor: Tensor, share: number, extreme: boolean): Tensor {
  const values = toFloat64(tensor.data);
  const [, ...shape] = tensor.shape;
  // The channels of a pixel and the dimensions of a word stay together.
  const [groups, step, next] =
    shape.length === 3
      ? [sizeOf(shape.slice(1)), 1, sizeOf(shape.slice(1))]
      : shape.length === 2 && (shape[0] as number) > 1
        ? [shape[0] as number, shape[1] as number, 1]
        : [values.length, 1, values.length];
  const sizes = Float64Array.from({ length: groups }, (_, group) => {
    let [sum, most] = [0, 0];
    for (let i = 0; i < values.length / groups; i++) {
      const value = values[group * step + i * next] as number;
      sum += value;
      most = Math.max(most, Math.abs(value));
    }
    return extreme ? most : Math.abs(sum);
  });
  const kept = Math.max(1, Math.round(share * groups));
  const order = Array.from(sizes.keys()).sort((a, b) => (sizes[b] as number) - (sizes[a] as number));
  const data = new Float64Array(values.length);
  for (const group of order.slice(0, kept)) {
    for (let i = 0; i < values.length / groups; i++) {
      const at = group * step + i * next;
      data[at] = values[at] as number;
    }
  }
  return { ...tensor, data };
}

/** The picture of one row, by what the model reads. */
export function draw(attribution: Attribution, scene: Scene, options: DrawOptions): DrawnPicture {
  const { look } = options;
  const limit = options.limit ?? (look.top < 100 ? wholeLimit(attribution, scene, look) : undefined);
  const picture = pictureOf(shown(attribution, scene, look), scene, { ...options, limit });
  const { svg, width, height, alt, table } = picture;
  const isMap = probeOf(attribution, scene, look).kind === 'map';
  const end = limit ?? wholeLimit(attribution, scene, look);
  const ends = isMap && end !== undefined ? `Colours end at ± ${Number(end.toPrecision(3))}.` : null;
  return { title: options.title ?? '', svg, width, height, alt, ends, table };
}

/** Fewer places shown keep the scale of all of them. */
function wholeLimit(attribution: Attribution, scene: Scene, look: Look): number | undefined {
  const probe = probeOf(attribution, scene, { ...look, top: 100 });
  const { limit } = colourRange(probe.values, { clipPercentile: probe.kind === 'map' ? look.clip : 100 });
  return limit > 0 ? limit : undefined;
}

function pictureOf(attribution: Attribution, scene: Scene, { look, limit, heading = false }: DrawOptions): Picture {
  const { model, row } = scene;
  const [name = ''] = Object.keys(attribution.attributions);
  const shape = attribution.attributions[name]?.shape ?? [];
  const labels = model.explain.labels;
  const common: PictureOptions = {
    scheme: look.scheme,
    heading,
    show: look.view,
    hatch: look.hatch,
    ...(labels !== undefined && { labels }),
    ...(limit !== undefined && { limit }),
  };
  if (row.words !== null && isAttributedInput(scene, name) && shape.length === 3) {
    return tokens(attribution, { ...common, tokens: row.words });
  }
  const feed = row.prepared.feeds[name];
  const isSeries = model.kind === 'series' && shape.length === 3 && feed !== undefined;
  if (isSeries) return series(attribution, { ...common, clipPercentile: look.clip, values: numbersOf(feed) });
  const image = framed(row.image, shape) ? row.image : null;
  if (kindOf(attribution, image === null ? {} : { image }) === 'heatmap') {
    return heatmap(attribution, {
      ...common,
      clipPercentile: look.clip,
      reduce: look.channels,
      ...(row.prepared.layouts[name] !== undefined && { layout: row.prepared.layouts[name] }),
      ...(look.over && image !== null && { image }),
    });
  }
  const names = row.featureNames;
  const isTable = shape.length === 2 && feed !== undefined && feed.data.length === shape[1];
  return bars(attribution, {
    ...common,
    ...(names !== null && names.length === shape[1] && { featureNames: names }),
    ...(isTable && { values: numbersOf(feed) }),
  });
}

function framed(image: Image | null, shape: readonly number[]): boolean {
  const [height = 0, width = 0] = shape.slice(-2);
  return image !== null && shape.length === 4 && height * image.width === width * image.height;
}

/** One number for each place of the picture. */
export function probeOf(attribution: Attribution, scene: Scene, look: Look): Probe {
  const seen = shown(attribution, scene, look);
  const row = selectRow(seen);
  const { words, featureNames, prepared } = scene.row;
  if (words !== null && isAttributedInput(scene, row.tensor) && row.shape.length === 2) {
    return { kind: 'list', names: words, values: sums(row.values, words.length) };
  }
  const isPlane = row.shape.length === 3 || (row.shape.length === 2 && row.shape.every((size) => size > 1));
  if (isPlane && scene.model.kind !== 'series') {
    const layout = prepared.layouts[row.tensor];
    const map = featureMap(row, { reduce: look.channels, ...(layout !== undefined && { layout }) });
    return { kind: 'map', width: map.width, height: map.height, values: map.values };
  }
  const names =
    featureNames !== null && featureNames.length === row.values.length
      ? featureNames
      : Array.from(row.values, (_, k) => String(k));
  return { kind: 'list', names, values: row.values };
}

function sums(values: Float64Array, groups: number): Float64Array {
  const width = values.length / groups;
  return Float64Array.from({ length: groups }, (_, k) =>
    values.subarray(k * width, (k + 1) * width).reduce((a, b) => a + b, 0),
  );
}

/** Numbers of a tensor of one row. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(toFloat64(rowsOf(tensor, 0, 1).data));
}
