import { llm } from '@livekit/agents';
import { LOOK_TOOL, MODEL_PICTURE } from '../defaults.ts';
import { checkedPicture, type EncodeOptions } from '../frames/encode-options.ts';
import { activeAgent } from '../internals/agents.ts';
import { nameOf } from '../models/chat-pictures.ts';
import { givePicturesAContentOfTheirOwn } from '../models/google-chat.ts';
import { filled } from '../option-table.ts';
import { withoutSecrets } from '../secrets.ts';
import { limitSignal } from '../time-limit.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { framePicture } from './frame-picture.ts';
import { type LookSource, lookAt } from './look-at.ts';
import { showRealtime } from './realtime-look.ts';
import { showInFollowUp } from './tool-pictures.ts';
import { checkVideo } from './watched-video.ts';

export interface LookToolOptions {
  /** @defaultValue 'look' */
  name?: string;
  /** When the model should call it. @defaultValue a line that says so */
  description?: string;
  /** From the call to the picture, in ms. @defaultValue 5000 */
  timeoutMs?: number;
  /** Of the picture for a pipeline's model. @defaultValue JPEG, quality 75, inside 1024x1024 */
  image?: EncodeOptions;
  /** @defaultValue 'auto' */
  detail?: 'auto' | 'high' | 'low';
}

/**
 * A tool that the model calls to get one fresh picture now. For a pipeline the picture is in the
 * request that follows the call, and ages in the history as those of turns do (`turn.keepPictures`,
 * which has to be 1 or more); a realtime model gets it as it gets every frame.
 *
 * Gemini takes nothing while it waits for a tool: there the picture goes right behind the tool's
 * answer, which says so, and the model is asked to go on then. That makes a second reply, which
 * follows the first. With `toolBehavior: NON_BLOCKING` the picture goes at once. A model of Google
 * that takes no text after its setup (Gemini 3.1) sees it with the user's next words.
 *
 * What fails is told to the model in words, so that it can say so.
 *
 * @throws OptionError
 */
export function createLookTool(video: VideoSession, options: LookToolOptions = {}) {
  checkVideo(video);
  givePicturesAContentOfTheirOwn();
  const { name, description, timeoutMs, detail } = filled('', options, LOOK_TOOL);
  const image = checkedPicture('image', options.image ?? MODEL_PICTURE);
  return llm.tool({
    name,
    description,
    parameters: {
      type: 'object',
      properties: {
        source: {
          type: 'string',
          enum: ['current', 'camera', 'screen'],
          description: 'current: what is watched now',
        },
      },
      additionalProperties: false,
    },
    execute: async (args: { source?: LookSource }, { ctx, toolCallId, abortSignal }) => {
      const late = limitSignal(timeoutMs);
      const limit = AbortSignal.any([abortSignal, late.signal]);
      const { session } = ctx;
      const source = args.source ?? 'current';
      try {
        if (video.actor.getSnapshot().context.model === 'realtime')
          return await showRealtime(
            { video, session, source, callId: toolCallId, timeoutMs },
            limit,
          );
        const frame = await lookAt(video, source, limit);
        const what = nameOf(frame);
        const picture = await abortable(framePicture(frame, { image, detail }), limit);
        showInFollowUp(activeAgent(session), ctx.speechHandle, {
          callId: toolCallId,
          what,
          picture,
        });
        return `The picture of the ${what} follows.`;
      } catch (error) {
        if (error === late.signal.reason) return `No picture: none came within ${timeoutMs} ms`;
        // The model is told, and a model tells.
        return `No picture: ${withoutSecrets(error instanceof Error ? error.message : String(error))}`;
      } finally {
        late.clear();
      }
    },
  });
}
