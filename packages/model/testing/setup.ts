import { expect } from 'vitest';
import { toBeClose } from './to-be-close.ts';

expect.extend({ toBeClose });
