/** Reasons that several mutants have. */
const passes =
  'the state in between is left at once, by the same guards, and nothing is told or counted there';
const told =
  'a report is made only where something changed, so the other place has made it already';

/** Mutants that no test can notice because they change nothing that can be seen, and why. */
export const equivalent: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  trackDiscovery: {
    'pick.waiting -- always [aParticipantIsKnown]: to watching': passes,
    'pick.watching -- always #1 [anotherTrackIsBetter]: without its guard':
      'it enters again once, and what it tells then is told only of another track',
    'pick.holding -- room.synced: to waiting': passes,
    'pick.holding -- room.disconnected: to watching': passes,
    'subscription.asking -- after subscribeTimeout: to expecting': passes,
    'subscription.asking -- always #0 [wantedIsSubscribed]: to expecting': passes,
    'subscription.asking -- always #1 [wantedIsAnother]: to satisfied': passes,
    'pick.waiting -- entry: without announcePick': told,
  },
  streamReplacement: {
    'closing -- stream.closed #1: removed': 'the machine itself counts what no state waits for',
  },
  frameSampling: {
    'mode.sampled.idle -- user.speaking: to choosing': passes,
    'mode.sampled.speaking -- user.silent: to choosing': passes,
  },
  turnMotion: {
    'speaking -- user.silent: to choosing': passes,
  },
  watch: {
    'watching -- entry: without dropEvidence': 'the loop begins in idle, which drops it as well',
  },
  turnCompletion: {
    'preparing.waiting -- onDone of firstFrame: to taking':
      'a frame that came after the request is never too old for it',
  },
};
