import { config } from 'zod';

/**
 * The content policy forbids making code from text. zod would try once, for faster parsers, when a schema is declared:
 * the attempt is harmless and caught, but reported as a violation. So this is imported before any schema.
 */
config({ jitless: true });
