"""The Python framework's default sampler, on frames at times that are read: `MS USER` a line.

Prints the time of each frame that it takes.
"""

import sys
import time
from types import SimpleNamespace

from livekit.agents.voice.agent_session import VoiceActivityVideoSampler


def main() -> None:
    sampler = VoiceActivityVideoSampler()
    now = 0.0
    time.time = lambda: now
    for line in sys.stdin:
        at, user = line.split()
        now = float(at) / 1000
        state = "speaking" if user == "speaking" else "listening"
        if sampler(None, SimpleNamespace(user_state=state)):  # type: ignore[arg-type]
            print(at)


main()
