export { allocatedByRole, roleParts } from './by-role.ts';
export { shownFigure, withShownSum } from './shown-sum.ts';
