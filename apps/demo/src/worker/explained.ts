import { evaluationsName, sumSentence, targetName, verdictOf, type Image } from '@pathwise/viz';
import type { Attribution } from 'pathwise';
import { draw, numbersOf, probeOf, type Scene } from './draw.ts';
import type { Badge, Chip, Explained, Look } from './protocol.ts';

/** A result as far as it is shown. */
export interface Drawable {
  readonly scene: Scene;
  readonly attribution: Attribution;
  readonly chips: readonly Chip[];
  readonly milliseconds: number;
}

/** Whether and how well a result adds up. */
export function badgeOf(attribution: Attribution, milliseconds: number): Badge {
  const { word, reasons } = verdictOf(attribution, 0);
  return {
    word,
    reasons,
    sentence: sumSentence(attribution, 0) ?? 'this method makes no statement about its sum',
    evaluations: evaluationsName(attribution),
    error: attribution.error?.[0] ?? null,
    delta: attribution.relativeDelta?.[0] ?? null,
    milliseconds,
    engine: attribution.engine,
  };
}

/** What the page shows of a result. */
export function explainedOf(
  { scene, attribution, chips, milliseconds }: Drawable,
  look: Look,
  final: boolean,
): Explained {
  const { model, row } = scene;
  const { words, featureNames, prepared } = row;
  const feed = Object.values(prepared.feeds)[0];
  const isTable = model.kind === 'table' && feed !== undefined && feed.shape.length === 2;
  return {
    final,
    picture: draw(attribution, scene, { look }),
    probe: probeOf(attribution, scene, look),
    badge: badgeOf(attribution, milliseconds),
    chips,
    target: targetName(attribution, 0, model.explain.labels),
    warnings: [...model.notes, ...attribution.warnings.map(({ message }) => message)],
    features: isTable
      ? numbersOf(feed).map((value, k) => ({ name: featureNames?.[k] ?? `feature ${k}`, value }))
      : null,
    words,
    image: row.image === null ? null : rgba(row.image),
  };
}

function rgba({ width, height, data }: Image): NonNullable<Explained['image']> {
  const channels = data.length / (width * height);
  const out = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) out[4 * p + c] = data[p * channels + (channels >= 3 ? c : 0)] as number;
  }
  return { width, height, data: out };
}
