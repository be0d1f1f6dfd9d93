import './styles/index.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { startLive } from './live/live.ts';
import './live/theme.ts';

const root = document.getElementById('app');
if (root === null) throw new Error('index.html has no element "app" to show the page in.');
startLive();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
