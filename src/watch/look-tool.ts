import { llm } from '@livekit/agents';
import { LOOK, LOOK_TOOL, MODEL_PICTURE, PART_PICTURE } from '../defaults.ts';
import { checkedPicture, type EncodeOptions } from '../frames/encode-options.ts';
import { activeAgent } from '../internals/agents.ts';
import { givePicturesAContentOfTheirOwn } from '../models/google-chat.ts';
import { filled } from '../option-table.ts';
import type { Region } from '../processors/region.ts';
import { limitSignal } from '../time-limit.ts';
import type { VideoSession } from '../video-session.ts';
import { abortable } from './abortable.ts';
import { framePicture } from './frame-picture.ts';
import { type LookRequest, type LookSource, lookAt } from './look-at.ts';
import { partNote, shownBy } from './look-words.ts';
import { showRealtime } from './realtime-look.ts';
import { reasonFor, share, withoutNulls } from './tool-arguments.ts';
import { showInFollowUp } from './tool-pictures.ts';
import { checkVideo } from './watched-video.ts';

export interface LookToolOptions {
  /** @defaultValue 'look' */
  name?: string;
  /** When the model should call it. @defaultValue a line that explains the tool */
  description?: string;
  /** Time from the call to the picture, in ms. @defaultValue 5000 */
  timeoutMs?: number;
  /**
   * Picture for a pipeline's model.
   * @defaultValue JPEG, quality 75, inside 1024x1024; a screen as in a turn, by `input.image.screen`
   */
  image?: EncodeOptions;
  /** @defaultValue 'auto' */
  detail?: 'auto' | 'high' | 'low';
}

/** The arguments of the tool. */
interface LookArguments {
  source?: LookSource | null;
  region?: Region | null;
  /** Id of a frame. */
  frame?: number | null;
}

function requestOf(given: LookArguments): LookRequest {
  const { source = 'current', region, frame } = withoutNulls(given);
  return { source, region, frameId: region && LOOK.frameId.check('frame', frame) };
}

const REGION = {
  type: 'object',
  description:
    'to read small details: a part of a picture that you have seen, in full resolution. ' +
    'x, y, width and height are shares of the whole picture, from 0 to 1. ' +
    'Its top left corner is x 0, y 0.',
  properties: { x: share(), y: share(), width: share(), height: share() },
  required: ['x', 'y', 'width', 'height'] as string[],
  additionalProperties: false,
} as const;

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
 * With `region`, the model gets a part of a picture that it has seen, in the resolution of the
 * track, to read small text. If that frame is not kept any more, it gets the part of a fresh frame.
 *
 * The model gets failures as text, so that it can report them.
 *
 * @throws OptionError
 */
export function createLookTool(video: VideoSession, options: LookToolOptions = {}) {
  checkVideo(video);
  video.expectRegions();
  givePicturesAContentOfTheirOwn();
  const { name, description, timeoutMs, detail } = filled('', options, LOOK_TOOL);
  const image = options.image && checkedPicture('image', options.image);
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
        region: REGION,
        frame: {
          type: 'integer',
          description:
            'only with region: the number of the picture that region is a part of. ' +
            'By default the newest picture that you have seen.',
        },
      },
      additionalProperties: false,
    },
    execute: async (args: LookArguments, { ctx, toolCallId, abortSignal }) => {
      const late = limitSignal(timeoutMs);
      const limit = AbortSignal.any([abortSignal, late.signal]);
      const { session } = ctx;
      try {
        const request = requestOf(args);
        if (video.actor.getSnapshot().context.model === 'realtime')
          return await showRealtime(
            { video, session, request, callId: toolCallId, timeoutMs },
            limit,
          );
        const frame = await lookAt(video, request, limit);
        const ofSource = frame.source === 'screen' ? video.turnImage('screen') : MODEL_PICTURE;
        const whole = image ?? ofSource;
        const shape = request.region ? { ...whole, ...PART_PICTURE } : whole;
        const options = { image: shape, detail, isForAgent: true };
        const picture = await abortable(framePicture(frame, options), limit);
        showInFollowUp(activeAgent(session), ctx.speechHandle, {
          callId: toolCallId,
          what: shownBy(frame),
          picture,
        });
        const note = partNote(frame, request);
        return `The ${shownBy(frame)} follows.${note} Its number is ${frame.id}.`;
      } catch (error) {
        if (error === late.signal.reason) return `No picture: none arrived within ${timeoutMs} ms`;
        return `No picture: ${reasonFor(error)}`;
      } finally {
        late.clear();
      }
    },
  });
}
