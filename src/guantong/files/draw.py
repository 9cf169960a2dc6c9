"""Draw pictures of the pages of one file. Runs as a process of its own, bounded in memory and time.

``python -m guantong.files.draw <media type> <pages> <width>`` reads the file from its input and
writes to its output how many pages it has and then each picture after its length, all in four
bytes, big endian: nothing lies on a disk. It knows neither the store nor the settings: a file that
breaks a library here breaks this process and nothing else. What it writes is drawn anew from the
pixels, so nothing the camera wrote beside them (place, time, owner) gets into it.
"""

import io
import resource
import sys

MEMORY = 1_200 * 1024 * 1024
CPU_SECONDS = 20
MOST_WRITTEN = 40 * 1024 * 1024


def draw(source: bytes, media_type: str, pages: int, width: int) -> tuple[int, list[bytes]]:
    """Draw the first pages as PNG; return how many pages there are, and the pictures."""
    if media_type == "application/pdf":
        return _pdf(source, pages, width)
    return 1, [_picture(source, width)]


def _pdf(source: bytes, pages: int, width: int) -> tuple[int, list[bytes]]:
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    total, pictures = len(document), []
    for number in range(min(pages, total)):
        page = document[number]
        # A page may say it is a mile wide: the scale follows the width that is wanted.
        scale = min(width / max(page.get_width(), 1), 2 * width / max(page.get_height(), 1), 3)
        drawn = page.render(scale=scale, may_draw_forms=False).to_pil()
        target = io.BytesIO()
        drawn.convert("RGB").save(target, format="PNG", optimize=True)
        pictures.append(target.getvalue())
    return total, pictures


def _picture(source: bytes, width: int) -> bytes:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = 210_000_000
    with Image.open(io.BytesIO(source), formats=["PNG", "JPEG", "WEBP"]) as opened:
        opened.draft("RGB", (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(opened)
        assert upright is not None, "without in_place a picture comes back"
        upright.thumbnail((width, 2 * width))
        plain, target = Image.new("RGB", upright.size, "white"), io.BytesIO()
        plain.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
        plain.save(target, format="PNG")
    return target.getvalue()


def main(arguments: list[str]) -> None:
    """Bound this process, then draw."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    media_type, pages, width = arguments
    total, pictures = draw(sys.stdin.buffer.read(), media_type, int(pages), int(width))
    out = sys.stdout.buffer
    out.write(total.to_bytes(4, "big"))
    for picture in pictures:
        out.write(len(picture).to_bytes(4, "big") + picture)


if __name__ == "__main__":
    main(sys.argv[1:])
