import { registerHealth } from '../http-wiring.ts';

registerHealth();
