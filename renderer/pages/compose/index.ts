export { DiffView } from './diff-view.tsx';
export { ComposePage } from './compose-page.tsx';
