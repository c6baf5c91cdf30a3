export { LayoutPage } from './layout-page.tsx';
