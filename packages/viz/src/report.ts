import type { Attribution, ParamValue } from '@pathwise/model';
import { allocationTable } from './allocation-table.ts';
import { evaluationsName, sumSentence, targetName, verdictOf, type Verdict } from './describe.ts';
import { formatNumber, formatPercent, formatSigned } from './format-number.ts';
import type { Image, PictureOptions } from './options.ts';
import { resizeImage } from './photograph.ts';
import type { DataTable, Picture } from './picture.ts';
import type { Scheme } from './palette.ts';
import { pngDataUrl } from './png.ts';
import { reportStyle } from './report-style.ts';
import { element, escapeXml } from './xml.ts';

/** A picture of a report, drawn without heading for both colour schemes. */
export type ReportPicture = Readonly<Record<Scheme, Picture>> & {
  /** Stands above the picture, where there are several. */
  readonly title?: string;
};

export interface ReportOptions extends Pick<PictureOptions, 'row' | 'labels' | 'title'> {
  readonly pictures: readonly ReportPicture[];
  /** The explained image, shown as it is beside the pictures. */
  readonly image?: Image;
  /** Name of the model, as its file is called. */
  readonly modelName?: string;
  /** Name of the input, as its file is called. */
  readonly inputName?: string;
}

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
const MAX_INPUT_SIDE = 448;

/**
 * A report of one row as a single HTML page without script: pictures for light and dark pages, the numbers behind
 * them, whether the attributions add up, and all that is needed to repeat the computation. The page asks for nothing
 * from anywhere, and its own security policy forbids it to. Names and labels may be hostile: all text is escaped.
 */
export function report(attribution: Attribution, options: ReportOptions): string {
  const { row = 0, labels, image } = options;
  const title = options.title ?? targetName(attribution, row, labels);
  const from = [options.modelName, options.inputName].filter((n) => n !== undefined);
  const rows = attribution.outputAtInput.length;
  const lead = [attribution.method, ...from, ...(rows > 1 ? [`row ${row} of ${rows}`] : [])].join(' · ');
  const figures = options.pictures.map((picture) => figureOf(picture));
  const shown = image === undefined ? [] : [inputFigure(image)];
  const main = [
    element('h1', {}, escapeXml(title)),
    element('p', { class: 'lead' }, escapeXml(lead)),
    verdictBox(verdictOf(attribution, row), sumSentence(attribution, row)),
    element('div', { class: 'figures' }, ...shown, ...figures),
    ...allocationSection(attribution, row),
    section('Numbers', factTable(facts(attribution, row))),
    ...(attribution.warnings.length > 0
      ? [
          section(
            'Warnings',
            element(
              'ul',
              {},
              ...attribution.warnings.map((w) => element('li', {}, escapeXml(`${w.message} (${w.code})`))),
            ),
          ),
        ]
      : []),
    section('Settings', factTable(settings(attribution, options))),
    element('footer', {}, 'Made by Pathwise. This page holds no script and loads nothing.'),
  ];
  return [
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    `<title>${escapeXml(`${title} · ${attribution.method}`)}</title><style>${reportStyle}</style></head>`,
    `<body>${element('main', {}, ...main)}</body></html>\n`,
  ].join('');
}

function verdictBox({ word, reasons }: Verdict, sentence: string | null): string {
  const says = VERDICTS[word !== 'check' && sentence === null ? 'stated' : word];
  const why = reasons.length === 0 ? '' : element('span', {}, escapeXml(`Reason: ${reasons.join('; ')}.`));
  return element(
    'div',
    { class: word === 'check' ? 'verdict check' : 'verdict' },
    element('strong', {}, escapeXml(says)),
    ...(sentence === null ? [] : [element('span', {}, escapeXml(sentence))]),
    why,
  );
}

const VERDICTS: Readonly<Record<Verdict['word'], string>> = {
  exact: 'Adds up: exact',
  good: 'Adds up: good',
  check: 'To be checked',
  stated: 'This method makes no statement about its sum',
};

function figureOf({ light, dark, title }: ReportPicture): string {
  return element(
    'figure',
    {},
    title === undefined ? '' : element('h2', { class: 'tensor' }, escapeXml(title)),
    element('div', { class: 'on-light' }, light.svg),
    element('div', { class: 'on-dark' }, dark.svg),
    element(
      'details',
      {},
      '<summary>Description and data</summary>',
      element('p', {}, escapeXml(light.alt)),
      element(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': light.table.caption },
        dataTable(light.table),
      ),
    ),
  );
}

function inputFigure(image: Image): string {
  const side = Math.max(image.width, image.height);
  const reduce = Math.min(1, (2 * MAX_INPUT_SIDE) / side);
  const size = [image.width, image.height].map((n) => Math.max(1, Math.round(n * reduce))) as [number, number];
  const shown = MAX_INPUT_SIDE / 2 / side;
  return element(
    'figure',
    {},
    element('img', {
      class: side < 112 ? 'input small' : 'input',
      src: pngDataUrl(resizeImage(image, ...size)),
      width: Math.round(image.width * shown),
      height: Math.round(image.height * shown),
      alt: 'The explained image.',
    }),
    '<figcaption>Input</figcaption>',
  );
}

/** How methods share out effects, where that was measured. */
function allocationSection({ allocation }: Attribution, row: number): string[] {
  const measured = allocation?.[row];
  if (measured === undefined) return [];
  const table = allocationTable(measured);
  const region = { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': table.caption };
  return [section('Allocation', element('div', region, dataTable(table)))];
}

type Fact = readonly [name: string, value: string];

function facts(a: Attribution, row: number): Fact[] {
  const list: Fact[] = [['F(x), output at the input', number(a.outputAtInput[row])]];
  const baseline = a.outputAtBaseline?.[row];
  if (baseline !== undefined) list.push(['F(x′), output at the baseline', number(baseline)]);
  const delta = a.convergenceDelta?.[row];
  if (delta !== undefined) {
    const relative = a.relativeDelta?.[row];
    const share = typeof relative === 'number' ? ` (${formatPercent(Math.abs(relative))})` : '';
    list.push(['Convergence delta', `${formatSigned(delta, 4)}${share}`]);
  }
  const error = a.error?.[row];
  if (error !== undefined) {
    const met = a.errorMet?.[row];
    const verdict = met === undefined ? '' : met ? ', tolerance met' : ', tolerance not met';
    list.push(['Stated error', `${formatPercent(error)} of |A|₁${verdict}`]);
  }
  if (a.exact === true) {
    // Coalitions alone take no gradients.
    const isOfCoalitions = a.perPlayer !== undefined && a.evaluations.gradient === 0;
    const way = isOfCoalitions ? 'over all coalitions of players' : 'integrated from breakpoint to breakpoint';
    list.push(['Exact', `yes: ${way}`]);
  }
  const cancellation = a.cancellation?.[row];
  if (typeof cancellation === 'number') {
    list.push(['Cancellation', `${formatNumber(cancellation)} (|A|₁ / |F(x) − F(x′)|)`]);
  }
  list.push(['Evaluations', evaluationsName(a)]);
  return list;
}

function settings(a: Attribution, options: ReportOptions): Fact[] {
  return [
    ...(options.modelName === undefined ? [] : [['Model', options.modelName] as const]),
    ...(options.inputName === undefined ? [] : [['Input', options.inputName] as const]),
    ['Method', a.method],
    ['Target', targetName(a, options.row ?? 0, options.labels)],
    [
      'Attributed',
      Object.entries(a.attributions)
        .map(([name, t]) => `${name} [${t.shape.join(', ')}]`)
        .join(', '),
    ],
    ['Unit', a.unit === 'contribution' ? 'output units' : 'output units per input unit'],
    ['Engine', a.engine],
    ...(a.seed === null ? [] : [['Seed', String(a.seed)] as const]),
    ...Object.entries(a.params).map(([name, value]) => [name, paramText(value)] as const),
  ];
}

function number(value: number | undefined): string {
  return value === undefined ? 'unknown' : formatNumber(value, 5);
}

function paramText(value: ParamValue): string {
  if (typeof value !== 'object') return String(value);
  return value.length === 0 ? 'none given' : value.join(', ');
}

function section(title: string, content: string): string {
  return element('section', {}, element('h2', {}, title), content);
}

function factTable(list: readonly Fact[]): string {
  const rows = list.map(([name, value]) =>
    element('tr', {}, element('th', { scope: 'row' }, escapeXml(name)), element('td', {}, escapeXml(value))),
  );
  return element('table', { class: 'facts' }, element('tbody', {}, ...rows));
}

/** Long tables are cut: the page stays light. */
const MAX_TABLE_ROWS = 500;

function dataTable({ caption, columns, rows }: DataTable): string {
  const cut = rows.length > MAX_TABLE_ROWS ? ` (first ${MAX_TABLE_ROWS} of ${rows.length})` : '';
  const head = columns.map((c) => element('th', { scope: 'col' }, escapeXml(c)));
  const body = rows
    .slice(0, MAX_TABLE_ROWS)
    .map((r) => element('tr', {}, ...r.map((cell) => element('td', {}, escapeXml(cell)))));
  return element(
    'table',
    {},
    element('caption', {}, escapeXml(caption + cut)),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...body),
  );
}
