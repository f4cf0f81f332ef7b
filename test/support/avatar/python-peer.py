"""
The Python framework's ends of the avatar stream, for a test in Node: commands are lines on stdin,
each is answered with a line of JSON that begins with '#'.
"""

import asyncio
import json
import sys

from livekit import rtc
from livekit.agents.voice.avatar import (
    AudioSegmentEnd,
    DataStreamAudioOutput,
    DataStreamAudioReceiver,
)

SAMPLE_RATE = 24000
FRAME = 480


class Peer:
    def __init__(self) -> None:
        self.room = rtc.Room()
        self.receiver = None
        self.output = None
        self.clears = 0
        self.started = 0

    async def receive(self, url: str, token: str, sender: str) -> dict:
        await self.room.connect(url, token)
        self.receiver = DataStreamAudioReceiver(self.room, sender_identity=sender)
        self.receiver.on("clear_buffer", self._on_clear)
        await self.receiver.start()
        return {}

    def _on_clear(self) -> None:
        self.clears += 1

    async def segment(self) -> dict:
        """Takes one segment, and reports it as played."""
        samples, total = 0, 0
        async for item in self.receiver:
            if isinstance(item, AudioSegmentEnd):
                break
            if samples == 0:
                self.receiver.notify_playback_started()
            values = item.data.cast("b").cast("h")
            samples += len(values)
            total += sum(values)
        seconds = samples / SAMPLE_RATE
        self.receiver.notify_playback_finished(playback_position=seconds, interrupted=False)
        return {"samples": samples, "sum": total}

    async def cleared(self) -> dict:
        """Waits for a clear, and reports what it interrupted."""
        while self.clears == 0:
            await asyncio.sleep(0.02)
        self.clears -= 1
        self.receiver.notify_playback_finished(playback_position=0.25, interrupted=True)
        return {}

    async def send(self, url: str, token: str, avatar: str) -> dict:
        await self.room.connect(url, token)
        self.output = DataStreamAudioOutput(
            self.room,
            destination_identity=avatar,
            sample_rate=SAMPLE_RATE,
            wait_playback_start=True,
        )
        self.output.on("playback_started", self._on_started)
        return {}

    def _on_started(self, _: object) -> None:
        self.started += 1

    async def _say(self, value: str, frames: str) -> None:
        data = int(value).to_bytes(2, "little", signed=True) * FRAME
        for _ in range(int(frames)):
            await self.output.capture_frame(rtc.AudioFrame(data, SAMPLE_RATE, 1, FRAME))

    async def say(self, value: str, frames: str) -> dict:
        """Sends one segment of one value, and waits until it is played."""
        await self._say(value, frames)
        self.output.flush()
        played = await self.output.wait_for_playout()
        return self._played(played)

    async def interrupted(self, value: str, frames: str) -> dict:
        """Sends a segment, and clears it while it is played."""
        await self._say(value, frames)
        before = self.started
        while self.started == before and self.started < 2:
            await asyncio.sleep(0.02)
        self.output.clear_buffer()
        played = await self.output.wait_for_playout()
        self.output.flush()
        return self._played(played)

    def _played(self, played: object) -> dict:
        return {
            "position": played.playback_position,
            "interrupted": played.interrupted,
            "started": self.started,
        }


async def main() -> None:
    peer = Peer()
    loop = asyncio.get_running_loop()
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        command, *arguments = line.split(" ")
        try:
            reply = await getattr(peer, command)(*arguments)
        except Exception as error:
            reply = {"error": repr(error)}
        print("#" + json.dumps(reply), flush=True)
    await peer.room.disconnect()


asyncio.run(main())
