import { llm } from '@livekit/agents';
import { LOOK_TOOL, MODEL_PICTURE } from '../defaults.ts';
import { checkedPicture, type EncodeOptions } from '../frames/encode-options.ts';
import { noteShown } from '../frames/handed-frames.ts';
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
  /** When the model should call it. @defaultValue a line that explains the tool */
  description?: string;
  /** Time from the call to the picture, in ms. @defaultValue 5000 */
  timeoutMs?: number;
  /** Picture for a pipeline's model. @defaultValue JPEG, quality 75, inside 1024x1024 */
  image?: EncodeOptions;
  /** @defaultValue 'auto' */
  detail?: 'auto' | 'high' | 'low';
}

/**
 * A tool that the model calls to get one fresh picture. For a pipeline, the picture is part of the
 * request that follows the call, and ages in the history like the pictures of turns
 * (`turn.keepPictures` must be 1 or more). A realtime model gets it like every other frame.
 *
 * Gemini accepts no picture while it waits for a tool's answer. So the picture follows the answer,
 * which announces it, and the model is then asked to continue: a second reply follows the first.
 * With `toolBehavior: NON_BLOCKING` the picture is sent at once. A Google model that accepts no
 * text after its setup (Gemini 3.1) sees it with the user's next words.
 *
 * The model gets failures as text, so that it can report them.
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
          description: 'current: the source that is watched now',
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
        noteShown(frame, image);
        showInFollowUp(activeAgent(session), ctx.speechHandle, {
          callId: toolCallId,
          what,
          picture,
        });
        return `The picture of the ${what} follows.`;
      } catch (error) {
        if (error === late.signal.reason) return `No picture: none arrived within ${timeoutMs} ms`;
        // The model gets this text and may say it aloud.
        return `No picture: ${withoutSecrets(error instanceof Error ? error.message : String(error))}`;
      } finally {
        late.clear();
      }
    },
  });
}
