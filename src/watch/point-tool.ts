import { llm } from '@livekit/agents';
import { MAX_POINT_LABEL } from '../client/point-protocol.ts';
import { POINT_ARGUMENTS, POINT_TOOL } from '../defaults.ts';
import { filled } from '../option-table.ts';
import type { Place } from '../session/pointing.ts';
import { lookKindOf } from '../source.ts';
import type { VideoSession } from '../video-session.ts';
import { reasonFor, share, withoutNulls } from './tool-arguments.ts';
import { checkVideo } from './watched-video.ts';

export interface PointToolOptions {
  /** @defaultValue 'point' */
  name?: string;
  /** When the model should call it. @defaultValue a line that explains the tool */
  description?: string;
}

type PointArguments = Omit<Place, 'frameId'> & { frame?: number | null };

/** The tool's arguments, as the model reads them. */
const PARAMETERS = {
  type: 'object' as const,
  properties: {
    x: share(
      'share of the width of the whole picture, from its left edge (0) to 1, also if you saw a part',
    ),
    y: share(
      'share of the height of the whole picture, from its top edge (0) to 1, also if you saw a part',
    ),
    width: share('for a box: x and y are its upper left corner, and this is its width'),
    height: share('for a box: its height'),
    label: {
      type: 'string' as const,
      maxLength: MAX_POINT_LABEL,
      description: 'a few words that the user reads next to the place',
    },
    source: {
      type: 'string' as const,
      enum: ['camera', 'screen'],
      description: 'whose newest picture it is, if you saw both',
    },
    frame: {
      type: 'integer' as const,
      description: 'number of the picture; without it, the newest one that you saw',
    },
  },
  required: ['x', 'y', 'label'],
  additionalProperties: false,
};

/**
 * A tool with which the model marks a place in the user's video: a point or a box with a label. The
 * participant that the agent serves gets a data message, which `PointerOverlay` of
 * `sightline/client` draws over the video.
 *
 * The model gives the place in the picture that it saw. `crop` and the resize of the picture are
 * reversed, so the mark is at the same place of the user's video. A wrong argument, video that is
 * off, and a video that is no longer shared are answered with the reason.
 *
 * @throws OptionError
 */
export function createPointTool(video: VideoSession, options: PointToolOptions = {}) {
  checkVideo(video);
  const { name, description } = filled('', options, POINT_TOOL);
  return llm.tool({
    name,
    description,
    parameters: PARAMETERS,
    execute: async (given: PointArguments) => {
      try {
        const { frame: frameId, ...place } = filled('', withoutNulls(given), POINT_ARGUMENTS);
        const { label, source } = await video.point({ ...place, frameId });
        return `The user sees the mark "${label}" in the ${lookKindOf(source)} video.`;
      } catch (error) {
        return `No mark: ${reasonFor(error)}`;
      }
    },
  });
}
