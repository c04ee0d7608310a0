import { fileError } from '@pathwise/model';

/**
 * Checks the path of a weight file: it must lie beside model.json or below.
 * @throws PathwiseError BAD_FILE for absolute paths, `..`, schemes, and anything that a URL or a file system could read as one
 */
export function checkShardPath(path: string, file: string): string {
  const why = problemOf(path);
  if (why === null) return path;
  throw fileError(
    file,
    `the path ${JSON.stringify(path)} of a weight file ${why}`,
    {},
    'Weight files lie beside model.json',
  );
}

function problemOf(path: string): string | null {
  if (path === '') return 'is empty';
  if (path.length > 1024) return 'is too long';
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u001F\u007F]/u.test(path)) return 'holds control characters';
  if (path.includes('\\')) return 'holds a backslash';
  if (/%(?:2e|2f|5c|00)/iu.test(path)) return 'holds an escaped dot, slash or backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (/^[a-z][a-z0-9+.-]*:/iu.test(path)) return 'has a scheme or drive';
  if (path.split('/').some((part) => part === '..')) return 'leaves the folder of the model';
  return null;
}
