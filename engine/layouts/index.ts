export { areaId, areaPath, AreaIndex, isAreaAt } from './area-path.ts';
export { createLayouts } from './capability.ts';
export { detectIn } from './detect-in.ts';
export { inferAreas, inferRole } from './roles.ts';
export { fileName as larderYamlName, readLarderYaml } from './larder-yaml.ts';
export { Layouts } from './store-layouts.ts';
export { layoutsTasks } from './tasks.ts';
