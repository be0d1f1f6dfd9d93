import { registerResolver } from '../http-wiring.ts';

registerResolver();
