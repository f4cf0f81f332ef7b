"""An agent of the Python framework that watches a stream: the same lines as `subscriber.ts`.

Its first argument is the time between two pictures in ms. With the second one `masked`, it processes
video as Vision-Agents does: each frame is converted to RGB and copied into an array for a callback,
and one that the callback has returned is encoded.
"""

import asyncio
import io
import json
import selectors
import sys
import time

import numpy
from livekit import rtc
from livekit.agents.utils import images
from PIL import Image

PICTURE = images.EncodeOptions(
    format="JPEG",
    quality=75,
    resize_options=images.ResizeOptions(width=1024, height=1024, strategy="scale_aspect_fit"),
)
LIMIT = 15


class TimedSelector(selectors.DefaultSelector):
    """Reports how long the event loop has waited, as Node's `eventLoopUtilization` does."""

    waited = 0.0

    def select(self, timeout=None):
        start = time.perf_counter()
        try:
            return super().select(timeout)
        finally:
            TimedSelector.waited += time.perf_counter() - start


class Counts:
    frames = 0
    full_size = 0
    pictures = 0


async def read(track: rtc.Track, counts: Counts, every: float) -> None:
    """The framework's loop: reads every frame, and encodes the first one after `every` seconds."""
    next_at = 0.0
    async for event in rtc.VideoStream(track):
        counts.frames += 1
        counts.full_size += event.frame.width == 1280
        now = time.monotonic()
        if now >= next_at:
            next_at = now + every
            images.encode(event.frame, PICTURE)
            counts.pictures += 1


async def mask(pixels: numpy.ndarray) -> numpy.ndarray:
    """The callback: hides the region that `contestants.ts` masks."""
    height, width, _ = pixels.shape
    pixels[height // 4 : height // 2, width // 4 : width // 2] = 0
    return pixels


async def read_masked(track: rtc.Track, counts: Counts, every: float) -> None:
    next_at = 0.0
    async for event in rtc.VideoStream(track, format=rtc.VideoBufferType.RGB24):
        width, height = event.frame.width, event.frame.height
        counts.frames += 1
        counts.full_size += width == 1280
        pixels = numpy.frombuffer(event.frame.data, dtype=numpy.uint8)
        masked = await mask(pixels.reshape(height, width, 3).copy())
        now = time.monotonic()
        if now >= next_at:
            next_at = now + every
            image = Image.fromarray(masked)
            image.thumbnail((1024, 1024))
            image.save(io.BytesIO(), "JPEG", quality=75)
            counts.pictures += 1


async def subscribe(url: str, token: str) -> tuple[rtc.Room, rtc.Track]:
    room = rtc.Room()
    changed = asyncio.Event()
    for name in ("track_published", "track_subscribed"):
        room.on(name, lambda *_: changed.set())
    await room.connect(url, token, rtc.RoomOptions(auto_subscribe=False, dynacast=False))
    deadline = time.monotonic() + LIMIT
    wanted: rtc.RemoteTrackPublication | None = None
    while True:
        if wanted is None:
            for participant in room.remote_participants.values():
                for publication in participant.track_publications.values():
                    if publication.kind == rtc.TrackKind.KIND_VIDEO:
                        wanted = publication
                        wanted.set_subscribed(True)
        if wanted is not None and wanted.track is not None:
            return room, wanted.track
        changed.clear()
        await asyncio.wait_for(changed.wait(), deadline - time.monotonic())


async def run_slice(
    url: str, token: str, warm_up: float, seconds: float, every: float, masked: bool
) -> dict[str, object]:
    room, track = await subscribe(url, token)
    counts = Counts()
    reader = asyncio.create_task((read_masked if masked else read)(track, counts, every))
    await asyncio.sleep(warm_up)
    before = (counts.frames, counts.full_size, counts.pictures, TimedSelector.waited)
    start, cpu, thread = time.perf_counter(), time.process_time(), time.thread_time()
    await asyncio.sleep(seconds)
    elapsed = time.perf_counter() - start
    reply = {
        "seconds": elapsed,
        "process": time.process_time() - cpu,
        "mainThread": time.thread_time() - thread,
        "loopBusy": 1 - (TimedSelector.waited - before[3]) / elapsed,
        "frames": counts.frames - before[0],
        "fullSize": counts.full_size - before[1],
        "pictures": counts.pictures - before[2],
        "wakesMs": [],
    }
    if reader.done():
        reader.result()  # Raises what ended it.
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    await room.disconnect()
    return reply


async def main() -> None:
    every = float(sys.argv[1]) / 1000
    masked = sys.argv[2:] == ["masked"]
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        _, warm_up, ms, url, token = line.split()
        try:
            reply = await run_slice(url, token, float(warm_up) / 1000, float(ms) / 1000, every, masked)
        except Exception as error:
            reply = {"error": repr(error)}
        print("#" + json.dumps(reply), flush=True)


loop = asyncio.SelectorEventLoop(TimedSelector())
asyncio.set_event_loop(loop)
loop.run_until_complete(main())
