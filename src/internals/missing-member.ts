import { log } from '@livekit/agents';

const said = new Set<string>();

/**
 * The first of these members that a plugin's object lacks. It is logged once; the affected feature
 * then works as in the plugin.
 */
export function missingMember(session: object, members: readonly string[]): string | undefined {
  const missing = members.find((member) => !(member in session));
  if (missing !== undefined && !said.has(missing)) {
    said.add(missing);
    log().warn(
      { member: missing },
      `video: this version of the model's plugin has no ${missing}: a connection that breaks off ends the agent`,
    );
  }
  return missing;
}
