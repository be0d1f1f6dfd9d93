import { registerDashboard } from '../wiring.ts';

registerDashboard();
