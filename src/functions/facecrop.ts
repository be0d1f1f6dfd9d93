import { registerStep } from '../wiring.ts';

registerStep('facecrop');
