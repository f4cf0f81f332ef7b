import { z } from 'zod';
import { Refusal } from '../../../src/testing/avatar/strict-server.ts';

/** @throws Refusal if the body does not match the API; unknown fields are refused too. */
export function checked<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body);
  if (success) return data;
  throw new Refusal(422, z.prettifyError(error));
}
