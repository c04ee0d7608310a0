import type { App } from '../app.ts';
import { h } from './dom.ts';

/** Buttons to choose files and folders with; dropping anywhere on the page does the same. */
export function fileButtons(app: App): HTMLElement {
  return h(
    'div',
    { class: 'files' },
    chooser(app, 'Open files…', 'A model (.onnx, or model.json with its shards), an image, .csv or .npy', {}),
    chooser(app, 'Open a folder…', 'The folder of a TensorFlow.js model', { webkitdirectory: true }),
  );
}

function chooser(app: App, label: string, help: string, attributes: Readonly<Record<string, boolean>>): HTMLElement {
  const input = h('input', {
    type: 'file',
    multiple: true,
    class: 'hidden',
    'aria-label': `${label} ${help}`,
    tabindex: -1,
    ...attributes,
    change: () => {
      void app.take([...(input.files ?? [])]).then(() => {
        input.value = '';
      });
    },
  });
  return h('span', {}, h('button', { type: 'button', title: help, click: () => input.click() }, label), input);
}

/** Lets files and folders be dropped anywhere. */
export function acceptDrops(app: App): void {
  const { classList } = document.body;
  addEventListener('dragover', (event) => {
    event.preventDefault();
    classList.add('dropping');
  });
  addEventListener('dragleave', ({ relatedTarget }) => {
    if (relatedTarget === null) classList.remove('dropping');
  });
  addEventListener('drop', (event) => {
    event.preventDefault();
    classList.remove('dropping');
    const entries = [...(event.dataTransfer?.items ?? [])].flatMap((item) => item.webkitGetAsEntry() ?? []);
    const files = [...(event.dataTransfer?.files ?? [])];
    const folders = entries.filter((entry) => entry.isDirectory);
    if (folders.length === 0) void app.take(files);
    else void Promise.all(folders.map(filesOf)).then((lists) => app.take(lists.flat()));
  });
}

/** The files of a dropped folder and of the folders in it. */
async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))];
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const all: File[] = [];
  for (;;) {
    // A reader gives entries in portions, and an empty one at the end.
    const some = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (some.length === 0) return all;
    for (const each of some) all.push(...(await filesOf(each)));
  }
}
