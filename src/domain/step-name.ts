/** A step's name is its queue, its function and its journal property. */
export const STEP_NAME = /^[a-z][a-z0-9]{2,55}$/;

/** The step that must stand last, exactly once. */
export const OUTPUT_STEP = 'pipelineoutput';

/** A pipeline that somebody asked for, completed with the output step where they left it out. */
export const withOutput = (pipeline: readonly string[]): string[] =>
  pipeline.includes(OUTPUT_STEP) ? [...pipeline] : [...pipeline, OUTPUT_STEP];
