export { defaultLimits, type TfjsLimits } from './limits.ts';
