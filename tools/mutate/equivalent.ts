/** Reasons that several mutants share. */
const passes =
  'the state in between is left at once, by the same guards, and nothing is reported or counted there';
const told = 'a report is made only if something changed, so the other place has already made it';

/**
 * Mutants that no test can detect because they change no observable behaviour, with the reason.
 */
export const equivalent: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  trackDiscovery: {
    'pick.waiting -- always [aParticipantIsKnown]: to watching': passes,
    'pick.watching -- always #1 [anotherTrackIsBetter]: without its guard':
      'it enters again once, and then reports only another track',
    'pick.holding -- room.synced: to waiting': passes,
    'pick.holding -- room.disconnected: to watching': passes,
    'subscription.asking -- after subscribeTimeout: to expecting': passes,
    'subscription.asking -- always #0 [wantedIsSubscribed]: to expecting': passes,
    'subscription.asking -- always #1 [wantedIsAnother]: to satisfied': passes,
    'pick.waiting -- entry: without announcePick': told,
  },
  streamReplacement: {
    'closing -- stream.closed #1: removed':
      'the machine itself counts events that no state handles',
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
