/** Older ones lack modules that the engine is built on, such as `node:sqlite`. */
export const oldestNode = 24;

/** Why the command does not run on this version of Node ("20.1.0"), and what to do; undefined where it does. */
export function nodeTooOld(version: string): { message: string; hint: string } | undefined {
  if (Number.parseInt(version, 10) >= oldestNode) return undefined;
  return {
    message: `Larder needs Node ${oldestNode} or newer; this is ${version}.`,
    hint: 'In a checkout, run it with npm: npm run -s larder -- …',
  };
}
