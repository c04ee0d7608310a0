export { openPlan, type OpenOptions } from './open-plan.ts';
export type { AttributeOptions, EdgePlan, PlanAttribution, PlanInput, PlanTarget } from './edge-plan.ts';
export { type PlanInfo, type PlanPort } from './plan-info.ts';
export { readPlanFile, writePlanFile } from './plan-archive.ts';
