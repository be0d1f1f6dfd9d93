import { registerStep } from '../wiring.ts';

registerStep('faceprint');
