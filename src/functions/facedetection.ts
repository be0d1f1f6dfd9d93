import { registerStep } from '../wiring.ts';

registerStep('facedetection');
