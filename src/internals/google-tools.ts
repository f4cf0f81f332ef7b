import { llm } from '@livekit/agents';

/** The part of a connection's settings that the Google plugin makes from the agent's tools. */
interface ToolsConfig {
  tools?: readonly { functionDeclarations?: readonly { parameters?: Schema | undefined }[] }[];
}

/** The used members of the Google plugin's session, both private. */
export interface ToolsSession {
  _tools: llm.ToolContext;
  buildConnectConfig(): object;
}

/** A tool that the model does not get, because its conversion throws this error. */
interface LeftOutTool {
  readonly name: string;
  readonly cause: unknown;
}

/**
 * Builds the settings of each connection without the tools that cannot be converted.
 *
 * @param onError - Reports each left-out tool, once.
 */
export function convertibleConfig(
  session: ToolsSession,
  onError: (error: Error) => void,
): ToolsSession['buildConnectConfig'] {
  const build = session.buildConnectConfig.bind(session);
  const reported = new Set<string>();
  return () => {
    const { config, leftOut } = configOfConvertible(session, build);
    for (const { name, cause } of leftOut) {
      if (reported.has(name)) continue;
      reported.add(name);
      const message =
        `the Google plugin cannot convert the tool "${name}": ${(cause as Error).message}. The model ` +
        'does not get it: change its parameters';
      onError(new Error(message, { cause }));
    }
    return config;
  };
}

/**
 * For a tool that cannot be converted, the plugin or `@google/genai` throws, and the plugin then
 * never connects: its loop ends with an unhandled rejection, with or without an error of the
 * session. OpenAI's plugin leaves such a tool out as well.
 */
function configOfConvertible(
  session: ToolsSession,
  build: ToolsSession['buildConnectConfig'],
): { config: object; leftOut: readonly LeftOutTool[] } {
  const own = session._tools;
  const buildWith = (tools: llm.ToolContext) => {
    session._tools = tools;
    try {
      const config: ToolsConfig = build();
      // A tool without parameters has no schema.
      for (const { functionDeclarations = [] } of config.tools ?? [])
        for (const { parameters } of functionDeclarations)
          if (parameters) checkConvertible(parameters);
      return config;
    } finally {
      session._tools = own;
    }
  };
  try {
    return { config: buildWith(own), leftOut: [] };
  } catch {
    // Each tool is tried alone, because the error does not name it.
    const leftOut: LeftOutTool[] = [];
    const convertible = (own.flatten() as llm.ToolContextEntry[]).filter((tool) => {
      try {
        buildWith(new llm.ToolContext([tool]));
        return true;
      } catch (cause) {
        leftOut.push({ name: tool.id, cause });
        return false;
      }
    });
    return { config: buildWith(new llm.ToolContext(convertible)), leftOut };
  }
}

interface Schema {
  type?: unknown;
  anyOf?: readonly (Schema | undefined)[];
  items?: Schema;
  properties?: Readonly<Record<string, Schema | undefined>>;
}

/**
 * Throws for a schema for which `@google/genai` throws, by its rules: it converts the schema only
 * after it has opened the connection, and does not name the tool.
 */
export function checkConvertible(schema: Schema | undefined): void {
  if (schema?.type && schema.anyOf) throw new TypeError('its parameters have a type beside anyOf');
  const used = schema && withoutNull(schema);
  // The plugin converts an object without properties into nothing.
  if (!used) throw new TypeError('a part of its parameters is an object without properties');
  const { type, items, anyOf = [], properties = {} } = used;
  if (type === 'null') throw new TypeError('a part of its parameters can only be null');
  if (items != null) checkConvertible(items);
  for (const one of anyOf) if (one?.type !== 'null') checkConvertible(one);
  for (const one of Object.values(properties)) checkConvertible(one);
}

/** Of two alternatives, one of which is null, the other one. */
function withoutNull(schema: Schema): Schema | undefined {
  if (schema.anyOf?.length !== 2) return schema;
  const [first, second] = schema.anyOf;
  if (first?.type === 'null') return second;
  return second?.type === 'null' ? first : schema;
}
