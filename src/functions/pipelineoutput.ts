import { registerStep } from '../wiring.ts';

registerStep('pipelineoutput');
