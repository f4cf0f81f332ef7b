import { initializeLogger, log } from '@livekit/agents';

/**
 * The framework's logger; outside of a worker, where there is none, one for warnings. The
 * framework's models throw without it.
 */
export function logger(): ReturnType<typeof log> {
  try {
    return log();
  } catch {
    initializeLogger({ pretty: false, level: 'warn' });
    return log();
  }
}
