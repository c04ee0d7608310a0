// The public API of each package as text, etc/NAME.api.md: `node tools/api-reports.mjs` fails where it has changed,
// `--write` writes it. Needs the packages to be built.
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor';
import { root } from './run.mjs';

const write = process.argv.includes('--write');
const reports = resolve(root, 'etc');
const temporary = resolve(root, 'node_modules/.cache/api');
for (const folder of [reports, temporary]) mkdirSync(folder, { recursive: true });

const changed = entries().filter((entry) => !report(entry));
if (changed.length > 0) {
  console.error(`The public API changed: ${changed.map(({ name }) => name).join(', ')}. If that is meant, run`);
  console.error('node tools/api-reports.mjs --write, look at the difference in etc/, and commit it.');
  process.exit(1);
}

/** The entry points of all packages that have types. */
function entries() {
  return readdirSync(resolve(root, 'packages')).flatMap((folder) => {
    const at = resolve(root, 'packages', folder);
    const { exports } = JSON.parse(readFileSync(resolve(at, 'package.json'), 'utf8'));
    return Object.entries(exports).flatMap(([path, { types }]) => {
      if (types === undefined) return [];
      return [{ folder: at, name: [folder, ...path.split('/').slice(1)].join('-'), types: resolve(at, types) }];
    });
  });
}

/** Whether the API is as its report says; with `--write` it is made so. */
function report({ folder, name, types }) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: { overrideTsconfig: { compilerOptions: compilerOptions(), files: [types] } },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: reports,
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'none' } },
        extractorMessageReporting: { default: { logLevel: 'none' } },
        tsdocMessageReporting: { default: { logLevel: 'none' } },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve(folder, 'package.json'),
  });
  if (!existsSync(types)) throw new Error(`${types} is missing: run pnpm build first`);
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: write,
    messageCallback: (message) => {
      message.handled = true;
    },
  });
  if (write && apiReportChanged) console.log(`etc/${basename(name)}.api.md`);
  return write || !apiReportChanged;
}

/** Those of tsconfig.base.json, but packages are read as their users do: from dist. */
function compilerOptions() {
  return {
    target: 'ES2022',
    lib: ['ES2023', 'DOM'],
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    strict: true,
    types: ['node'],
  };
}
