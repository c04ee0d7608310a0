/** The Markdown page of some experiments: a table each, and what the search must reach. */
export function markdown(results) {
  const sections = results.map(({ name, title, region, result, seconds }) => {
    const counts = result.curves[0].points.map(({ count }) => count);
    const head = ['ranking', ...counts.map((count) => `${count} removed`)];
    const rows = result.curves.map(({ ranking, points }) => [
      ranking,
      ...points.map(({ regionDrop, restDrop }) => `${regionDrop.toFixed(0)} / ${restDrop.toFixed(0)}`),
    ]);
    const share = (100 * result.regionShare).toFixed(0);
    return [
      `## ${title}`,
      '',
      `${result.target.length} inputs, ${result.units} units, ${result.steps} points a map; rows ${region[0]} to ${region[2]}, ` +
        `columns ${region[1]} to ${region[3]}, ${share} % of the maps; ${seconds.toFixed(0)} s on the ${result.engine} engine.`,
      '',
      `| ${head.join(' | ')} |`,
      `|${head.map(() => ' --- |').join('')}`,
      ...rows.map((row) => `| ${row.join(' | ')} |`),
      '',
      `![How much of the region and of the rest goes, for each ranking](../images/pruning-${name}.svg)`,
      '',
    ].join('\n');
  });
  return [
    '# Units behind a region: what goes when they are removed',
    '',
    'Written by `node benchmarks/pruning/run.mjs --write`; do not edit. Each cell: what is taken from the region / from the',
    'rest, in per cent of the sums of the maps before. [What this means](../neurons-behind-a-region.md).',
    '',
    ...sections,
  ].join('\n');
}
