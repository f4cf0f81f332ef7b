"""The Python framework's encoder. It takes the same lines as `tools/bench/limit.c`."""

import json
import sys
import time

from livekit import rtc
from livekit.agents.utils import images


def options(box: int, quality: int) -> images.EncodeOptions:
    # The options of the Google plugin, with box 1024 and quality 75.
    resize = images.ResizeOptions(width=box, height=box, strategy="scale_aspect_fit")
    return images.EncodeOptions(format="JPEG", quality=quality, resize_options=resize)


def load(width: int, height: int, data: bytes) -> rtc.VideoFrame:
    return rtc.VideoFrame(width, height, rtc.VideoBufferType.I420, data)


def main() -> None:
    # Loads the libraries, so that the first picture does not pay for it.
    images.encode(load(64, 64, bytes(64 * 64 * 3 // 2)), options(32, 75))
    frames: list[rtc.VideoFrame] = []
    for line in sys.stdin:
        reply: dict[str, object] = {}
        try:
            words = line.split(maxsplit=3)
            if words[0] == "load":
                with open(words[3].strip(), "rb") as file:
                    frames.append(load(int(words[1]), int(words[2]), file.read()))
            else:
                index, box = int(words[1]), int(words[2])
                quality, _, path = words[3].strip().partition(" ")
                start, cpu = time.perf_counter(), time.process_time()
                data = images.encode(frames[index], options(box, int(quality)))
                cpu_ms = (time.process_time() - cpu) * 1000
                ms = (time.perf_counter() - start) * 1000
                # It runs on the event loop, and blocks it from its beginning to its end.
                reply = {"wallMs": ms, "cpuMs": cpu_ms, "blockedMs": ms, "bytes": len(data)}
                if words[0] == "save":
                    with open(path, "wb") as file:
                        file.write(data)
        except Exception as error:
            reply = {"error": repr(error)}
        print("#" + json.dumps(reply), flush=True)


main()
