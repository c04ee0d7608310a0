import type { StructuralRule } from './call.ts';
import { importConstant } from './constant.ts';
import { importIdentity, optionalRules } from './identity.ts';
import { importIf } from './if.ts';
import { importLoop } from './loop.ts';
import { importScan } from './scan.ts';
import { sequenceRules } from './sequences.ts';

/** Nodes that shape the graph and never become part of it, by op. */
export const structuralRules: Readonly<Record<string, StructuralRule | undefined>> = {
  __proto__: null as never,
  Constant: importConstant,
  Identity: importIdentity,
  If: importIf,
  Loop: importLoop,
  Scan: importScan,
  ...optionalRules,
  ...sequenceRules,
};
