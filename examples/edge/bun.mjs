// bun run bun.mjs PLAN NUMBERS: what each number contributed, as JSON.
import { openPlan } from '@pathwise/wasm/edge';

const [path, numbers] = Bun.argv.slice(2);
const plan = await openPlan(await Bun.file(path).bytes());
const { target, attributions } = await plan.attribute(JSON.parse(numbers), { steps: 32 });
console.log(JSON.stringify({ target, attributions: [...attributions.features.data] }));
