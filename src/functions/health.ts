import { registerHealth } from '../wiring.ts';

registerHealth();
