"""Makes the icon of the Android package from grend.svg: vector drawables. usage: android.py RES

It knows what is in that file: circles and paths, filled, perhaps with a stroke; anything else is refused.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SVG = "{http://www.w3.org/2000/svg}"
SIDE = 48
GREEN = "#0a6654"
HEAD = '<?xml version="1.0" encoding="utf-8"?>\n<!-- Made by assets/icon/make. -->\n'
NAMESPACE = 'xmlns:android="http://schemas.android.com/apk/res/android"'


def path(shape):
    """The path of a shape, in the words of Android."""
    known = {"fill": "fillColor", "stroke": "strokeColor", "stroke-width": "strokeWidth", "stroke-linejoin": "strokeLineJoin"}
    words = dict(shape.attrib)
    if shape.tag == SVG + "circle":
        x, y, r = (float(words.pop(name)) for name in ("cx", "cy", "r"))
        data = f"M{x - r:g},{y:g}a{r:g},{r:g} 0 1,0 {2 * r:g},0a{r:g},{r:g} 0 1,0 {-2 * r:g},0z"
    elif shape.tag == SVG + "path":
        data = words.pop("d")
    else:
        sys.exit(f"a {shape.tag} is not known")
    words = "".join(f' android:{known[name]}="{value}"' for name, value in words.items())
    return f'<path{words} android:pathData="{data}"/>'


def vector(paths, side, margin):
    """A drawable with so much room around the paths, in their units."""
    size = f'android:viewportWidth="{side + 2 * margin}" android:viewportHeight="{side + 2 * margin}"'
    real = 48 if margin == 0 else 108
    group = f'<group android:translateX="{margin}" android:translateY="{margin}">'
    lines = "\n".join(f"        {line}" for line in paths)
    return (
        f'{HEAD}<vector {NAMESPACE}\n    android:width="{real}dp" android:height="{real}dp" {size}>\n'
        f"    {group}\n{lines}\n    </group>\n</vector>\n"
    )


def main():
    root = ElementTree.parse(Path(__file__).with_name("grend.svg")).getroot()
    paths = [path(shape) for shape in root if shape.tag != SVG + "title"]
    res = Path(sys.argv[1])
    # From Android 8 on the phone cuts the shape: two thirds of the side are seen for sure.
    adaptive = (
        f'{HEAD}<adaptive-icon {NAMESPACE}>\n    <background android:drawable="@color/ground"/>\n'
        f'    <foreground android:drawable="@drawable/houses"/>\n</adaptive-icon>\n'
    )
    color = f'{HEAD}<resources>\n    <color name="ground">{GREEN}</color>\n</resources>\n'
    for name, text in {
        "drawable/icon.xml": vector(paths, SIDE, 0),
        "drawable/houses.xml": vector(paths, SIDE, SIDE // 4),
        "drawable-anydpi-v26/icon.xml": adaptive,
        "values/colors.xml": color,
    }.items():
        (res / name).parent.mkdir(exist_ok=True)
        (res / name).write_text(text)


main()
