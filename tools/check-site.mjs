// Checks that every link and picture of the built site (`npm run docs`) leads to a file of it, and every anchor to an id.
//   node tools/check-site.mjs [FOLDER]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { root } from './run.mjs';

const site = resolve(root, process.argv[2] ?? 'docs/site');
if (!existsSync(resolve(site, 'index.html'))) {
  console.error(`${site} holds no site; run \`npm run docs\` first`);
  process.exit(2);
}

const pages = readdirSync(site, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith('.html'))
  .map((name) => resolve(site, name));
const texts = new Map(pages.map((page) => [page, readFileSync(page, 'utf8')]));
const idsOf = new Map([...texts].map(([page, text]) => [page, new Set(attributes(text, 'id'))]));

const dead = [];
let count = 0;
for (const [page, text] of texts) {
  for (const link of [...attributes(text, 'href'), ...attributes(text, 'src')]) {
    if (/^[a-z][a-z\d+.-]*:|^\/\//iu.test(link)) continue;
    count += 1;
    const reason = faultOf(page, link);
    if (reason !== undefined) dead.push(`${relative(site, page)}: ${link} (${reason})`);
  }
}
for (const line of dead) console.error(line);
console.log(`${pages.length} pages, ${count} links, ${dead.length} dead`);
process.exit(dead.length === 0 ? 0 : 1);

/** What is wrong with a link of a page, if anything. */
function faultOf(page, link) {
  const [path = '', anchor = ''] = link.split('#').map(decodeURIComponent);
  const place = path.split('?')[0];
  const file = place === '' ? page : resolve(dirname(page), place);
  if (relative(site, file).startsWith('..')) return 'outside the site';
  if (!existsSync(file)) return 'no such file';
  if (anchor !== '' && idsOf.has(file) && !idsOf.get(file).has(anchor)) return 'no such anchor';
  return undefined;
}

function* attributes(text, name) {
  const entities = { '&amp;': '&', '&quot;': '"', '&lt;': '<', '&gt;': '>' };
  for (const [, value] of text.matchAll(new RegExp(`\\s${name}="([^"]*)"`, 'gu'))) {
    yield value.replaceAll(/&(?:amp|quot|lt|gt);/gu, (entity) => entities[entity]);
  }
}
