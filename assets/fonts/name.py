"""Gives the subsets names of their own, so that a system font of the same family is never mixed in.

Called by `make`, in its working folder.
"""
import sys
from fontTools.merge import Merger
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FOLDER = sys.argv[1]


def save(font, family, style, file):
    names = font["name"]
    full = family if style == "Regular" else f"{family} {style}"
    for record in list(names.names):
        if record.nameID in (16, 17, 18, 21, 22):
            names.removeNames(nameID=record.nameID)
    for number, value in ((1, family), (2, style), (3, full + " (Grend subset)"), (4, full), (6, full.replace(" ", "-"))):
        names.setName(value, number, 3, 1, 0x409)
        names.setName(value, number, 1, 0, 0)
    for table in ("FFTM", "GDEF" if family == "Grend Emoji" else "FFTM"):
        if table in font:
            del font[table]
    font.flavor = None
    font.save(f"{FOLDER}/{file}")
    print(file, family, style, len(font.getGlyphOrder()), "glyphs")


def with_spaces(font):
    """Gives both spaces an outline without an area: iced_tiny_skia 0.14 keeps no glyph without pixels, so each space
    of each frame was hinted and drawn anew, more than half of what a frame cost. These have pixels, all of them clear."""
    for space in (0x20, 0xA0):
        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        pen.lineTo((10, 300))
        pen.closePath()
        font["glyf"][font.getBestCmap()[space]] = pen.glyph()
    return font


save(with_spaces(TTFont("regular.ttf")), "Grend Sans", "Regular", "GrendSans-Regular.ttf")
save(with_spaces(TTFont("bold.ttf")), "Grend Sans", "Bold", "GrendSans-Bold.ttf")
for part in ("Symbols2", "Symbols", "Math"):
    font = TTFont(f"{part}.ttf")
    for table in ("GSUB", "GPOS", "GDEF", "MATH"):
        if table in font:
            del font[table]
    font.save(f"{part}.ttf")
save(Merger().merge(["Symbols2.ttf", "Symbols.ttf", "Math.ttf"]), "Grend Symbols", "Regular", "GrendSymbols.ttf")
save(TTFont("package/twemoji.woff2"), "Grend Emoji", "Regular", "GrendEmoji.ttf")
