import type { SourceId } from '../source.ts';
import type { SampleContext } from './sampler.ts';

type Decide = (context: SampleContext) => boolean;

/** A sampler with separate state for each source of a session. */
export function perSource(make: () => Decide): Decide {
  const bySource = new Map<SourceId, Decide>();
  return (context) => {
    let decide = bySource.get(context.sourceId);
    if (!decide) {
      decide = make();
      bySource.set(context.sourceId, decide);
    }
    return decide(context);
  };
}
