/** The bundled models and their inputs. Addresses are written literally, as bundlers ask for it. */

export type SampleKind = 'image' | 'table' | 'text' | 'series';

export interface SampleInput {
  readonly title: string;
  /** Image file; other kinds have all their inputs in `rows`, or as text. */
  readonly url?: string;
  readonly text?: string;
}

export interface Sample {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly kind: SampleKind;
  readonly model: string;
  readonly labels: string;
  readonly preprocess?: string;
  /** CSV of which each line is an input. */
  readonly rows?: string;
  readonly vocabulary?: string;
  readonly inputs: readonly SampleInput[];
  /** Baseline where none is chosen. */
  readonly baseline: string;
  /** Numbers that the baseline `typical` stands for. */
  readonly typical?: readonly number[];
  /** Where the files lie in the repository, for the command line. */
  readonly folder: string;
}

const at = (url: URL): string => url.href;

export const SAMPLES: readonly Sample[] = [
  {
    id: 'fashion-mnist',
    title: 'Clothes',
    summary: 'Ten kinds of clothing, photographs of 28 × 28 pixels',
    kind: 'image',
    folder: 'models/fashion-mnist',
    model: at(new URL('../../../models/fashion-mnist/model.onnx', import.meta.url)),
    labels: at(new URL('../../../models/fashion-mnist/labels.txt', import.meta.url)),
    preprocess: at(new URL('../../../models/fashion-mnist/preprocess.json', import.meta.url)),
    baseline: 'zeros',
    inputs: [
      { title: 'ankle-boot', url: at(new URL('../../../models/fashion-mnist/images/ankle-boot.png', import.meta.url)) },
      { title: 'sandal', url: at(new URL('../../../models/fashion-mnist/images/sandal.png', import.meta.url)) },
      { title: 'bag', url: at(new URL('../../../models/fashion-mnist/images/bag.png', import.meta.url)) },
      { title: 'dress', url: at(new URL('../../../models/fashion-mnist/images/dress.png', import.meta.url)) },
      { title: 'pullover', url: at(new URL('../../../models/fashion-mnist/images/pullover.png', import.meta.url)) },
      { title: 'trouser', url: at(new URL('../../../models/fashion-mnist/images/trouser.png', import.meta.url)) },
    ],
  },
  {
    id: 'fashion-scenes',
    title: 'Two clothes',
    summary: 'Two kinds of clothing side by side, photographs of 56 × 28 pixels',
    kind: 'image',
    folder: 'models/fashion-scenes',
    model: at(new URL('../../../models/fashion-scenes/model.onnx', import.meta.url)),
    labels: at(new URL('../../../models/fashion-scenes/labels.txt', import.meta.url)),
    preprocess: at(new URL('../../../models/fashion-scenes/preprocess.json', import.meta.url)),
    baseline: 'zeros',
    inputs: [
      {
        title: 'ankle-boot-and-bag',
        url: at(new URL('../../../models/fashion-scenes/images/ankle-boot-and-bag.png', import.meta.url)),
      },
      {
        title: 'bag-and-trouser',
        url: at(new URL('../../../models/fashion-scenes/images/bag-and-trouser.png', import.meta.url)),
      },
      {
        title: 'dress-and-sandal',
        url: at(new URL('../../../models/fashion-scenes/images/dress-and-sandal.png', import.meta.url)),
      },
      {
        title: 'sneaker-and-coat',
        url: at(new URL('../../../models/fashion-scenes/images/sneaker-and-coat.png', import.meta.url)),
      },
      {
        title: 't-shirt-and-sandal',
        url: at(new URL('../../../models/fashion-scenes/images/t-shirt-and-sandal.png', import.meta.url)),
      },
      {
        title: 'trouser-and-pullover',
        url: at(new URL('../../../models/fashion-scenes/images/trouser-and-pullover.png', import.meta.url)),
      },
    ],
  },
  {
    id: 'penguins',
    title: 'Penguins',
    summary: 'The species of a penguin from nine measurements',
    kind: 'table',
    folder: 'models/penguins',
    model: at(new URL('../../../models/penguins/model.onnx', import.meta.url)),
    labels: at(new URL('../../../models/penguins/labels.txt', import.meta.url)),
    rows: at(new URL('../../../models/penguins/rows.csv', import.meta.url)),
    baseline: 'typical',
    // Means over the 333 penguins without a missing value: no penguin is all zeros.
    typical: [43.99, 17.16, 200.97, 4207.1, 0.4895, 0.3694, 0.1411, 0.4955, 0.5045],
    inputs: Array.from({ length: 8 }, (_, k) => ({ title: `penguin ${k + 1}` })),
  },
  {
    id: 'questions',
    title: 'Questions',
    summary: 'What kind of answer a question asks for',
    kind: 'text',
    folder: 'models/questions',
    model: at(new URL('../../../models/questions/model.onnx', import.meta.url)),
    labels: at(new URL('../../../models/questions/labels.txt', import.meta.url)),
    vocabulary: at(new URL('../../../models/questions/vocabulary.txt', import.meta.url)),
    baseline: 'zeros',
    inputs: [
      { title: 'how many', text: 'how many ships crossed the river' },
      { title: 'what year', text: 'what year was the old castle built' },
      { title: 'who', text: 'who painted the bridge in the garden' },
      { title: 'where', text: 'where is the new planet' },
      { title: 'how … many', text: 'how did the engine cross the many rivers' },
      { title: 'what … year', text: 'what is the year of the book' },
    ],
  },
  {
    id: 'events',
    title: 'Events',
    summary: 'The event in a series of 128 values',
    kind: 'series',
    folder: 'models/events',
    model: at(new URL('../../../models/events/model.onnx', import.meta.url)),
    labels: at(new URL('../../../models/events/labels.txt', import.meta.url)),
    rows: at(new URL('../../../models/events/rows.csv', import.meta.url)),
    baseline: 'zeros',
    inputs: [{ title: 'burst' }, { title: 'spike' }, { title: 'step' }, { title: 'calm' }],
  },
];

export function sampleOf(id: string): Sample | undefined {
  return SAMPLES.find((sample) => sample.id === id);
}
