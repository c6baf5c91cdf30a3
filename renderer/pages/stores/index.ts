export { StoresPage } from './stores-page.tsx';
export { LiveTag } from './live-tag.tsx';
export { storeMenu } from './store-menu.ts';
