import './entry/no-eval.ts';
import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import './design/tokens.css';
import './design/global.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { showRememberedTheme } from './app/theme.ts';
import { BrowserApp } from './entry/browser-app.tsx';
import { desktopServices } from './entry/desktop.ts';

showRememberedTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root.');
const bridge = window.larder;
createRoot(root).render(
  <StrictMode>{bridge === undefined ? <BrowserApp /> : <App services={desktopServices(bridge)} />}</StrictMode>,
);
