import type { VideoProcessor } from './video-processor.ts';

/** By the function, so that a processor that was given another one is not among them. */
const READS_ONLY = new WeakSet<VideoProcessor['process']>();

/**
 * Marks a processor of Sightline that neither changes its frame nor keeps any, also not by a function
 * of the application. Its frames need no copies, which would take most of its time.
 */
export function readsOnly(processor: VideoProcessor): VideoProcessor {
  READS_ONLY.add(processor.process);
  return processor;
}

/** Whether the processor was marked by {@link readsOnly}. */
export const isReadOnly = ({ process }: VideoProcessor): boolean => READS_ONLY.has(process);
