/** What came of a run: checks done, cases among them, output values that differ, and what failed. */
export interface ConformanceReport {
  checks: number;
  cases: number;
  differing: number;
  failures: string[];
  relaxed: boolean;
  memoryBytes: number;
}
export function runConformance(module: WebAssembly.Module, file: Uint8Array): ConformanceReport;
