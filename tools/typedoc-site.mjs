// A TypeDoc plugin for the guides: each is called by its first heading, stands in a group of the sidebar, and keeps the
// path of its file, so that its address does not change with its title.
import { Converter, DocumentReflection, KindRouter } from 'typedoc';

const groups = [
  ['docs/methods/', 'Methods'],
  ['docs/generated/', 'Tables'],
  ['docs/adding-', 'Working on Pathwise'],
  ['docs/architecture', 'Working on Pathwise'],
  ['CONTRIBUTING', 'Working on Pathwise'],
  ['', 'Guides'],
];

/** Path from the root of the repository, without its ending, by document. */
const places = new WeakMap();

class GuideRouter extends KindRouter {
  getIdealBaseName(reflection) {
    const place = reflection instanceof DocumentReflection ? places.get(reflection) : undefined;
    return place === undefined ? super.getIdealBaseName(reflection) : `guides/${place.replace(/^docs\//u, '')}`;
  }
}

/** @param {import('typedoc').Application} app */
export function load(app) {
  app.renderer.defineRouter('guides', GuideRouter);
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const heading = document.content.map(({ text }) => /^# (.*)$/mu.exec(text)?.[1]).find((text) => text !== undefined);
    if (heading !== undefined) document.name = heading.replaceAll('`', '');
    const path = app.files.getReflectionPath(document)?.replaceAll('\\', '/');
    const place = path && /(?:docs\/.*|[^/]+)\.md$/u.exec(path)?.[0].replace(/\.md$/u, '');
    if (!place) return;
    places.set(document, place);
    document.frontmatter.group = groups.find(([start]) => place.startsWith(start))?.[1];
  });
}
