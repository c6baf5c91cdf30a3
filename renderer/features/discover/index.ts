export { DiscoverDialog } from './discover-dialog.tsx';
export { DiscoverList } from './discover-list.tsx';
