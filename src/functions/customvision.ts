import { registerStep } from '../wiring.ts';

registerStep('customvision');
