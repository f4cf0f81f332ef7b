"""Makes the reference pictures in test/data/pictures with the Python framework.

    python -m venv .venv && .venv/bin/pip install 'livekit-agents[images]==1.8.9' numpy
    .venv/bin/python tools/reference/make_pictures.py

Each scene is a PNG and, converted by the framework, raw I420. Each case is the output of
`livekit.agents.utils.images.encode` for one of the two. `pictures.json` lists the cases with their
options, and the size of each scene as a JPEG in bytes.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from livekit import rtc
from livekit.agents.utils import images
from PIL import Image, ImageDraw

OUT = Path(__file__).resolve().parents[2] / "test" / "data" / "pictures"

STRATEGIES = [
    "skew",
    "scale_aspect_fit",
    "scale_aspect_cover",
    "center_aspect_fit",
    "center_aspect_cover",
]


def scene(width: int, height: int) -> Image.Image:
    """Soft gradients, hard edges, thin lines and letters, as from a camera and a screen."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    soft = np.stack(
        [
            150 + 90 * np.sin(7 * x + 3 * y),
            120 + 80 * np.sin(5 * y - 4 * x + 1),
            130 + 100 * np.cos(6 * x * y + 2),
        ],
        axis=-1,
    )
    picture = Image.fromarray(np.clip(soft, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.ellipse([width * 0.1, height * 0.2, width * 0.4, height * 0.8], fill=(210, 90, 40))
    draw.rectangle([width * 0.6, height * 0.15, width * 0.9, height * 0.6], fill=(30, 70, 160))
    for n in range(5):
        draw.line([(width * 0.5, height * n / 5), (width, height * (n + 1) / 5)], fill=(245, 240, 90))
    draw.text((width * 0.55, height * 0.65), "Exit 42", fill=(255, 255, 255))
    return picture


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    scenes = []
    for name, width, height, boxes in [
        ("wide", 160, 90, [(64, 64), (200, 120)]),
        ("tall", 97, 131, [(50, 91)]),
    ]:
        picture = scene(width, height)
        picture.save(OUT / f"{name}.png")
        data = picture.convert("RGBA").tobytes()
        rgba = rtc.VideoFrame(width, height, rtc.VideoBufferType.RGBA, data)
        i420 = rgba.convert(rtc.VideoBufferType.I420)
        (OUT / f"{name}.i420").write_bytes(bytes(i420.data))
        cases = []

        def add(frame: rtc.VideoFrame, kind: str, resize: images.ResizeOptions | None) -> None:
            file = f"{name}.{kind.lower()}.{len(cases)}.png"
            options = images.EncodeOptions(format="PNG", resize_options=resize)
            (OUT / file).write_bytes(images.encode(frame, options))
            cases.append({"type": kind, "resize": resize and vars(resize), "file": file})

        for box in boxes:
            for strategy in STRATEGIES:
                add(rgba, "RGBA", images.ResizeOptions(*box, strategy))
        # For YUV only the colours matter, so one resize is enough.
        add(i420, "I420", None)
        add(i420, "I420", images.ResizeOptions(*boxes[0], "scale_aspect_fit"))
        jpeg = {
            quality: len(images.encode(rgba, images.EncodeOptions(format="JPEG", quality=quality)))
            for quality in (30, 75, 95)
        }
        scenes.append(
            {"name": name, "width": width, "height": height, "jpegBytes": jpeg, "cases": cases}
        )
    reference = f"livekit-agents {version('livekit-agents')}, utils.images, Pillow {version('pillow')}"
    manifest = {"reference": reference, "scenes": scenes}
    (OUT / "pictures.json").write_text(json.dumps(manifest, indent=1) + "\n")


if __name__ == "__main__":
    main()
