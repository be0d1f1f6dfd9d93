import type { App } from '../app.ts';
import { OUTPUT_STEP } from '../domain/step-name.ts';
import { dependencyMap, type StepInfo } from '../pipeline/definition/resolve.ts';

/** The pipeline of new images, and those that images under way are still on. */
export interface PipelineInUse {
  definition: string[];
  steps: StepInfo[];
  /** Most images first. */
  under_way: { pipeline: string[]; images: number; current: boolean }[];
}

export async function pipelineInUse({
  registry,
  pipeline,
  journal,
}: Pick<App, 'registry' | 'pipeline' | 'journal'>): Promise<PipelineInUse> {
  const counts = new Map<string, number>();
  for await (const job of journal.jobs()) {
    const output = job.steps[OUTPUT_STEP];
    if (output?.state === 'done' && output.run === job.run) continue;
    const key = job.pipeline.join(',');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return {
    definition: pipeline,
    steps: dependencyMap(registry),
    under_way: [...counts]
      .map(([key, images]) => ({ pipeline: key.split(','), images, current: key === pipeline.join(',') }))
      .sort((a, b) => b.images - a.images || Number(b.current) - Number(a.current)),
  };
}
