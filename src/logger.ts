import { initializeLogger, log } from '@livekit/agents';

/**
 * The framework's logger. Outside a worker there is none, and the framework's models throw without
 * one, so a logger for warnings is set up.
 */
export function logger(): ReturnType<typeof log> {
  try {
    return log();
  } catch {
    initializeLogger({ pretty: false, level: 'warn' });
    return log();
  }
}
