import { constants, unlinkSync } from 'node:fs';
import { copyFile, link, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError, throwIfAborted } from '@pathwise/model';

/** A file to write. */
export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Temporary files that exist now; removed even when the process is made to stop. */
const unfinished = new Set<string>();
let isWatching = false;

/**
 * Writes files so that all of them appear whole, or none does: each is written beside its place and moved there at the
 * end; when a move fails the earlier ones are taken back.
 * @throws PathwiseError BAD_FILE naming the file that cannot be written; CANCELLED
 */
export async function writeFiles(files: readonly OutputFile[], signal?: AbortSignal): Promise<void> {
  watchExit();
  const drafts: { readonly path: string; readonly draft: string }[] = [];
  try {
    for (const { path, content } of files) {
      throwIfAborted(signal);
      const draft = beside(path, 'part');
      unfinished.add(draft);
      drafts.push({ path, draft });
      await explained(path, () => writeDraft(path, draft, content));
    }
    throwIfAborted(signal);
    await moveAll(drafts);
  } finally {
    for (const { draft } of drafts) {
      await rm(draft, { force: true });
      unfinished.delete(draft);
    }
  }
}

async function writeDraft(path: string, draft: string, content: string | Uint8Array): Promise<void> {
  if (await isFolder(path)) throw fileError(path, 'is a folder, not a file to write');
  const handle = await open(draft, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function moveAll(drafts: readonly { readonly path: string; readonly draft: string }[]): Promise<void> {
  const moved: string[] = [];
  const backups = new Map<string, string>();
  try {
    for (const { path, draft } of drafts) {
      // The last move either happens or not: nothing has to be taken back after it.
      const backup = moved.length < drafts.length - 1 ? await keepOld(path) : null;
      if (backup !== null) backups.set(path, backup);
      await explained(path, () => rename(draft, path));
      moved.push(path);
    }
  } catch (error) {
    for (const path of moved.reverse()) {
      const backup = backups.get(path);
      if (backup === undefined) await rm(path, { force: true });
      else await rename(backup, path);
    }
    throw error;
  } finally {
    for (const backup of backups.values()) {
      await rm(backup, { force: true });
      unfinished.delete(backup);
    }
  }
}

/** A second name for the file that is there now, if any. */
async function keepOld(path: string): Promise<string | null> {
  const backup = beside(path, 'old');
  try {
    await link(path, backup);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null;
    // Some file systems have no links.
    await explained(path, () => copyFile(path, backup, constants.COPYFILE_EXCL));
  }
  unfinished.add(backup);
  return backup;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

let counter = 0;

function beside(path: string, kind: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${counter++}.${kind}`);
}

async function explained(path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (cause) {
    const code = codeOf(cause);
    if (code === null) throw cause;
    const reasons: Record<string, string> = {
      ENOENT: `cannot be written: there is no folder ${dirname(path)}`,
      EACCES: 'may not be written',
      ENOSPC: 'cannot be written: the disk is full',
    };
    throw fileError(path, reasons[code] ?? `cannot be written (${(cause as Error).message})`);
  }
}

function codeOf(cause: unknown): string | null {
  return cause instanceof Error && 'code' in cause && 'syscall' in cause ? String(cause.code) : null;
}

function watchExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', () => {
    for (const path of unfinished) {
      try {
        unlinkSync(path);
      } catch {
        // It is gone already.
      }
    }
  });
}
