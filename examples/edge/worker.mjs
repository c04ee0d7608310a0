import { openPlan } from '@pathwise/wasm/edge';
import file from './penguins.plan';

const plan = openPlan(file);

/** POST a JSON list of nine numbers: what each contributed to the class. Cloudflare Workers; wrangler.toml is beside. */
export default {
  async fetch(request) {
    try {
      const { labels, output } = (await plan).info;
      const { attributions, outputAtInput, target } = await (await plan).attribute(await request.json(), { steps: 32 });
      return Response.json({
        target,
        outputAtInput,
        labels,
        output: output.name,
        attributions: [...attributions.features.data],
      });
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
};
