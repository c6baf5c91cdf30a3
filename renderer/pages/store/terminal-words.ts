import { quoteArgument } from '../../design/command-text.ts';

/** The line for a terminal that goes to a folder, an absolute path of the system. */
export function cdCommand(folder: string): string {
  // On Windows both of its shells read this; a name there cannot hold a quotation mark.
  return folder.startsWith('/') ? `cd -- ${quoteArgument(folder)}` : `cd "${folder}"`;
}
