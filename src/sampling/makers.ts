import { adaptiveSampler } from './adaptive-sampler.ts';
import { everyFrame, fixedRate, onChange, voiceActivitySampler } from './samplers.ts';

const MAKERS = [voiceActivitySampler, adaptiveSampler, fixedRate, everyFrame, onChange];

/** Whether the value is one of the functions that create a sampler, passed without being called. */
export const isMakerOfSamplers = (value: unknown): value is { readonly name: string } =>
  MAKERS.some((maker) => maker === value);
