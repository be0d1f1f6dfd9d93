import { Censuses } from '../admin/standing/census.ts';
import { lookAt } from '../admin/standing/journal-look.ts';
import type { App } from '../app.ts';
import { dependencyMap, type StepInfo } from '../pipeline/definition/resolve.ts';

/** The pipeline of new images, and those that images under way are still on. */
export interface PipelineInUse {
  definition: string[];
  steps: StepInfo[];
  /** Most images first. */
  under_way: { pipeline: string[]; images: number; current: boolean }[];
  /** In a large archive those are counted every hour: when that was, ISO 8601. Null where they are of this moment. */
  counted_at: string | null;
}

export async function pipelineInUse({
  registry,
  pipeline,
  journal,
  storage,
}: Pick<App, 'registry' | 'pipeline' | 'journal' | 'storage'>): Promise<PipelineInUse> {
  const census = await new Censuses(storage).last();
  const look = census ?? (await lookAt({ storage, registry, journal }, { blobs: false }));
  return {
    definition: pipeline,
    steps: dependencyMap(registry),
    under_way: [...(look?.pipelines ?? [])]
      .map(([key, images]) => ({ pipeline: key.split(','), images, current: key === pipeline.join(',') }))
      .sort((a, b) => b.images - a.images || Number(b.current) - Number(a.current)),
    counted_at: census?.countedAt ?? null,
  };
}
