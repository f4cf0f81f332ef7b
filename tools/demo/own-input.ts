import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { path as installedFfmpeg } from '@ffmpeg-installer/ffmpeg';
import { TestCamera } from '../../src/testing/camera/test-camera.ts';
import { TestingError } from '../../src/testing/errors.ts';

/** What the user gives the demo to look at. At least one of the files is there. */
export interface OwnInput {
  /** A photo, as the camera. */
  readonly image?: string;
  /** A clip, as the camera, in a loop. */
  readonly video?: string;
  /** A screenshot, as the shared screen. */
  readonly screen?: string;
  /** Asked about each source. */
  readonly asks: readonly string[];
}

/** A file of the user that the demo cannot show. The message has the option, the value and the remedy. */
export class InputError extends Error {
  override name = 'InputError';

  constructor(option: string, value: string, problem: string, remedy: string) {
    super(`--${option} ${value}: ${problem}. ${remedy}`);
  }
}

/** Sizes into which pictures are scaled, in pixels: those of usual cameras and screens. */
const CAMERA = { width: 1280, height: 720 };
const SCREEN = { width: 1920, height: 1080 };

/** The sources of an own input, in the order in which the user shares them. */
export interface OwnCameras {
  readonly camera?: TestCamera;
  readonly screen?: TestCamera;
  close(): Promise<void>;
}

/**
 * Opens all files, before anything else starts.
 *
 * @throws InputError
 */
export async function openOwnInput(
  { image, video, screen }: OwnInput,
  ffmpeg = installedFfmpeg,
): Promise<OwnCameras> {
  const open: TestCamera[] = [];
  const kept = async (camera: Promise<TestCamera>) => {
    open.push(await camera);
    return open.at(-1);
  };
  const close = async () => {
    await Promise.all(open.map((camera) => camera.close()));
  };
  try {
    const camera =
      image !== undefined
        ? await kept(photo('image', image, { ...CAMERA, source: 'camera', name: 'camera' }))
        : video !== undefined
          ? await kept(clip(video, ffmpeg))
          : undefined;
    const shared =
      screen !== undefined
        ? await kept(photo('screen', screen, { ...SCREEN, source: 'screen', name: 'screen' }))
        : undefined;
    return { ...(camera ? { camera } : {}), ...(shared ? { screen: shared } : {}), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function photo(
  option: string,
  file: string,
  options: NonNullable<Parameters<typeof TestCamera.fromImage>[1]>,
): Promise<TestCamera> {
  await mustExist(option, file);
  try {
    return await TestCamera.fromImage(resolve(file), options);
  } catch (error) {
    if (!(error instanceof TestingError)) throw error;
    throw new InputError(
      option,
      file,
      'it is not a picture that can be read',
      'Give a JPEG, PNG, WebP, GIF, AVIF or SVG file',
    );
  }
}

async function clip(file: string, ffmpeg: string): Promise<TestCamera> {
  await mustExist('video', file);
  try {
    const options = { ...CAMERA, source: 'camera', name: 'camera', ffmpeg } as const;
    return await TestCamera.fromVideo(resolve(file), options);
  } catch (error) {
    if (!(error instanceof TestingError)) throw error;
    throw error.fault === 'ffmpeg'
      ? new InputError('video', file, 'it needs ffmpeg, which is missing', 'Install ffmpeg')
      : new InputError(
          'video',
          file,
          'it is not a video that ffmpeg can play',
          'Give an MP4, WebM, MOV or MKV file',
        );
  }
}

async function mustExist(option: string, file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    throw new InputError(option, file, 'there is no such file', 'Give the path of a file');
  }
}
