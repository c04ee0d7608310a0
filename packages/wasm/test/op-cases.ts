export * from '../../ops/test/op-cases.ts';
