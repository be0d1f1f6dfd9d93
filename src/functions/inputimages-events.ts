import { registerEvents } from '../wiring.ts';

registerEvents();
