import { LarderError, type ErrorData } from '../../shared/contract/index.ts';

/** Any caught value as what the interface can show. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof LarderError) return error.toData();
  return {
    code: 'INTERNAL',
    message: 'Something in Larder went wrong.',
    hint: error instanceof Error && error.message !== '' ? error.message : 'Try again.',
    retryable: true,
  };
}
