import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CONDITIONS = ['browser', 'import', 'default'];

/**
 * Where a browser finds packages and all that they depend on, as files: names of modules to paths.
 * @param {readonly string[]} names
 * @param {string} from - a folder whose node_modules have them
 * @returns {Map<string, string>}
 */
export function importMap(names, from) {
  const found = new Map();
  const visit = (name, at) => {
    const folder = packageFolder(name, at);
    if (folder === null) return;
    const {
      exports = {},
      imports = {},
      dependencies = {},
    } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const entries = typeof exports === 'string' || exports.import || exports.default ? { '.': exports } : exports;
    let isNew = false;
    for (const [entry, target] of Object.entries(entries)) {
      const file = chosen(target);
      const module = join(name, entry);
      if (file === undefined || entry.includes('*') || found.has(module)) continue;
      found.set(module, join(folder, file));
      isNew = true;
    }
    for (const [module, target] of Object.entries(imports)) {
      const file = chosen(target);
      if (file?.startsWith('.')) found.set(module, join(folder, file));
    }
    if (isNew) for (const dependency of Object.keys(dependencies)) visit(dependency, folder);
  };
  for (const name of names) visit(name, from);
  return found;
}

function packageFolder(name, from) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (dirname(at) === at) return null;
  }
}

function chosen(target) {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return undefined;
  for (const condition of CONDITIONS) {
    const file = condition in target ? chosen(target[condition]) : undefined;
    if (file !== undefined) return file;
  }
  return undefined;
}
