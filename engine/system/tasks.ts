export { echoTask } from './doctor.ts';
import { echoTask } from './doctor.ts';

export const systemTasks = [echoTask];
