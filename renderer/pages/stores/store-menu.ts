/** What can be done with one store, as its menus show it. */
export const storeMenu: readonly string[] = [
  'backup.now',
  'store.rescan',
  'store.check',
  'store.test',
  'store.reveal',
  '-',
  'store.layout',
  'store.backupRules',
  'store.setup',
  '-',
  'store.rename',
  'store.destination',
  'store.settings',
  '-',
  'store.forget',
];
