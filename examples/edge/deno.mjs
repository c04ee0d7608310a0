// deno run --allow-read deno.mjs PLAN NUMBERS: what each number contributed, as JSON.
import { openPlan } from '@pathwise/wasm/edge';

const [path, numbers] = Deno.args;
const plan = await openPlan(await Deno.readFile(path));
const { target, attributions } = await plan.attribute(JSON.parse(numbers), { steps: 32 });
console.log(JSON.stringify({ target, attributions: [...attributions.features.data] }));
