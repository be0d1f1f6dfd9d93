import { registerStep } from '../wiring.ts';

registerStep('generalclassification');
