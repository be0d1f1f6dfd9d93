import { registerStep } from '../wiring.ts';

registerStep('duplicates');
