import type { Tensor } from './tensor.ts';

/**
 * Values by tensor name; the first axis counts rows (examples). Any tensor of the model may be fed, also an inner one:
 * it then replaces what the model would compute. A feed with one row serves all rows.
 */
export type Feeds = Readonly<Record<string, Tensor>>;
export type Outputs = Record<string, Tensor>;
