import { adaptiveSampler } from './adaptive-sampler.ts';
import { everyFrame, fixedRate, onChange, voiceActivitySampler } from './samplers.ts';

const MAKERS = [voiceActivitySampler, adaptiveSampler, fixedRate, everyFrame, onChange];

/** Whether a function that makes a sampler was given uncalled. As a sampler it would be `true`. */
export const isMakerOfSamplers = (value: unknown): value is { readonly name: string } =>
  MAKERS.some((maker) => maker === value);
