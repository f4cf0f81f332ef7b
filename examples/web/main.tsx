import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';

const place = document.querySelector('#page');
if (place) createRoot(place).render(<App />);
