"""Draw pictures of the pages of one file. Runs as a process of its own, bounded in memory and time.

``python -m guantong.files.draw <file> <media type> <folder> <pages> <width>``. It knows neither the
store nor the settings: a file that breaks a library here breaks this process and nothing else. What
it writes is drawn anew from the pixels, so nothing the camera wrote beside them (place, time,
owner) gets into it.
"""

import resource
import sys
from pathlib import Path

MEMORY = 1_200 * 1024 * 1024
CPU_SECONDS = 20
MOST_WRITTEN = 40 * 1024 * 1024


def draw(source: Path, media_type: str, target: Path, pages: int, width: int) -> int:
    """Draw the first pages into ``target``, as ``1.png`` and so on; return how many it has."""
    if media_type == "application/pdf":
        return _pdf(source, target, pages, width)
    return _picture(source, target, width)


def _pdf(source: Path, target: Path, pages: int, width: int) -> int:
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    total = len(document)
    for number in range(min(pages, total)):
        page = document[number]
        # A page may say it is a mile wide: the scale follows the width that is wanted.
        scale = min(width / max(page.get_width(), 1), 2 * width / max(page.get_height(), 1), 3)
        picture = page.render(scale=scale, may_draw_forms=False).to_pil()
        picture.convert("RGB").save(target / f"{number + 1}.png", optimize=True)
    return total


def _picture(source: Path, target: Path, width: int) -> int:
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = 210_000_000
    with Image.open(source, formats=["PNG", "JPEG", "WEBP"]) as opened:
        opened.draft("RGB", (2 * width, 2 * width))
        upright = ImageOps.exif_transpose(opened)
        assert upright is not None, "without in_place a picture comes back"
        upright.thumbnail((width, 2 * width))
        plain = Image.new("RGB", upright.size, "white")
        plain.paste(upright.convert("RGBA"), mask=upright.convert("RGBA").getchannel("A"))
        plain.save(target / "1.png")
    return 1


def main(arguments: list[str]) -> None:
    """Bound this process, then draw."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, media_type, target, pages, width = arguments
    total = draw(Path(source), media_type, Path(target), int(pages), int(width))
    (Path(target) / "pages").write_text(str(total), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1:])
