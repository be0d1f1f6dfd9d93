import { registerStep } from '../wiring.ts';

registerStep('ocr');
