import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startKeys } from './live/keys.ts';
import { startLive } from './live/live.ts';
import './live/theme.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element "app" to show the page in.');
startLive();
startKeys();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
