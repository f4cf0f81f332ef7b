/**
 * An agent with a `LocalAvatar`, in a separate process that a test can kill. Takes the server and
 * the agent's ticket as JSON, and reports when the avatar is there.
 */
import '../../../src/testing/processes/quiet.ts';
import { initializeLogger, voice } from '@livekit/agents';
import { Room } from '@livekit/rtc-node';
import { localAvatar } from './local-avatar.ts';

const [server, ticket] = process.argv.slice(2).map((text) => JSON.parse(text));
initializeLogger({ pretty: false, level: 'fatal' });
const room = new Room();
await room.connect(ticket.url, ticket.token, { autoSubscribe: true, dynacast: false });
const avatar = localAvatar(server);
const session = new voice.AgentSession({ vad: null, turnHandling: { turnDetection: null } });
await avatar.start(session, room);
console.log(`avatar ${avatar.pid}`);
