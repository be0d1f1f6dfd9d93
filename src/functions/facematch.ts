import { registerStep } from '../wiring.ts';

registerStep('facematch');
