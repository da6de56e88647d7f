"""Subtitles as files: ASS for burning in, SRT for players and platforms.

Text is data: whatever a line holds (braces, backslashes, quotes) is shown as it is.

Knows: both formats, styles. Does not know: how a line is split and timed (`captions`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from storyboard.media.text import fonts
from storyboard.media.text.captions import Caption
from storyboard.media.text.title import OUTLINE, TitleLayout, baselines
from storyboard.plan import Canvas
from storyboard.plan.caption_look import USUAL, CaptionLook

EM = {"9:16": 0.0625, "1:1": 0.052, "16:9": 0.034}
"""Height of the text in parts of the canvas's width, by aspect."""
BOTTOM = {"9:16": 0.105, "1:1": 0.06, "16:9": 0.07}
"""Bottom margin in parts of the height: above the buttons that players lay over a film."""


def caption_size(canvas: Canvas, look: CaptionLook = USUAL) -> float:
    """Pixels to the em."""
    return EM[canvas.aspect] * canvas.width * look.size


def caption_margin(canvas: Canvas, look: CaptionLook = USUAL) -> int:
    """Pixels under a caption."""
    bottom = BOTTOM[canvas.aspect] if look.bottom is None else look.bottom
    return round(bottom * canvas.height)


def caption_top(canvas: Canvas, look: CaptionLook = USUAL, lines: int = 2) -> float:
    """Pixels from the top to the highest line that a caption of `lines` lines reaches."""
    height = lines * caption_size(canvas, look) * fonts.line_height()
    return canvas.height - caption_margin(canvas, look) - height


@dataclass(frozen=True, slots=True)
class TitleCue:
    """The hook's title and when it stands, in seconds."""

    layout: TitleLayout
    start: float
    end: float


def ass(
    captions: Sequence[Caption],
    canvas: Canvas,
    title: TitleCue | None = None,
    look: CaptionLook = USUAL,
) -> str:
    """The captions, and the title if there is one, as an ASS script at the canvas's size."""
    caption, words = _style(look, canvas, look.colour), _style(look, canvas, look.said)
    # Encoding −1 lets libass find each line's direction: Arabic and Hebrew run right to left.
    header = f"""[Script Info]
ScriptType: v4.00+
PlayResX: {canvas.width}
PlayResY: {canvas.height}
WrapStyle: 2
ScaledBorderAndShadow: yes
YCbCr Matrix: TV.709

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Caption,{caption}
Style: Words,{words}
Style: Title,{fonts.MAIN},10,&H00FFFFFF,&H00FFFFFF,&H00181414,&H80000000,-1,0,0,0,100,100,0,0,1,1,0,8,0,0,0,-1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""
    lines = [
        f"Dialogue: 0,{_ass_time(c.start)},{_ass_time(c.end)},{'Words' if c.turns else 'Caption'}"
        f",,0,0,0,,{_shown(c, canvas, look)}\n"
        for c in captions
    ]
    return header + "".join(lines + (_title_lines(title, canvas) if title else []))


def _style(look: CaptionLook, canvas: Canvas, colour: str) -> str:
    """The values of a style from its font on; captions without a box have an edge and a shadow."""
    em = caption_size(canvas, look)
    outline = max(1.5, em * look.outline) if look.outline else 0.0
    # 4 is libass's own: one box around a whole caption, its shadow the room around the letters.
    border, behind, shadow = 1, "&H80000000", outline * 0.4
    if look.box is not None:
        border, behind, shadow = 4, _ass_colour(look.box, look.box_opacity), em * 0.22
    side, margin = round(look.side * canvas.width), caption_margin(canvas, look)
    return (
        f"{fonts.MAIN},{em * fonts.line_height():.1f},{_ass_colour(colour)},"
        f"{_ass_colour(look.colour)},{_ass_colour(look.edge)},{behind},-1,0,0,0,100,100,0,0,"
        f"{border},{outline:.1f},{shadow:.1f},2,{side},{side},{margin},-1"
    )


def _ass_colour(colour: str, opacity: float = 1.0) -> str:
    """`#rrggbb` as ASS has it: how much shines through, then blue, green, red."""
    red, green, blue = colour[1:3], colour[3:5], colour[5:7]
    return f"&H{round(255 * (1 - opacity)):02X}{blue}{green}{red}".upper()


def _shown(caption: Caption, canvas: Canvas, look: CaptionLook) -> str:
    if look.capitals:
        turns = tuple(replace(turn, text=turn.text.upper()) for turn in caption.turns)
        caption = replace(caption, text=caption.text.upper(), turns=turns)
    em, style_em = _em_of(caption.text, canvas, look), caption_size(canvas, look)
    if not caption.turns:
        return typeset(caption.text, em, style_em)
    shown = ""
    nexts = [turn.start for turn in caption.turns[1:]] + [caption.end]
    # Counted from the caption's start, so that what is rounded does not add up.
    clock = 0
    for turn, after in zip(caption.turns, nexts, strict=True):
        begin = _hundredths(turn.start - caption.start)
        end = after if turn.end is None else min(turn.end, after)
        if begin > clock:
            # Nothing turns while the speaker takes a breath.
            shown += f"{{\\k{begin - clock}}}"
        clock = max(begin, _hundredths(end - caption.start))
        length = clock - begin
        # Each piece names its font: the one before it may have ended in another.
        font = f"\\fn{fonts.MAIN}\\fs{em * fonts.line_height():.1f}"
        shown += f"{{\\kf{length}{font}}}{typeset(turn.text, em, em)}"
    return shown


def _hundredths(seconds: float) -> int:
    return max(0, round(seconds * 100))


def _em_of(text: str, canvas: Canvas, look: CaptionLook) -> float:
    """The caption size, or less for letters that are wider than their room (WWWW)."""
    em = caption_size(canvas, look)
    room = canvas.width * (1 - 2 * look.side) - 0.2 * em
    widest = max(fonts.width(fonts.without_missing(line), em) for line in text.split("\n"))
    return em * min(1.0, room / max(widest, 1.0))


def _title_lines(title: TitleCue, canvas: Canvas) -> list[str]:
    """One event a line, placed by its baseline: libass's own line spacing is too wide."""
    layout = title.layout
    em, outline = layout.em, layout.em * OUTLINE
    look = f"\\fs{em * fonts.line_height():.1f}\\bord{outline:.1f}\\shad{outline * 0.4:.1f}"
    middle = canvas.width / 2
    return [
        f"Dialogue: 1,{_ass_time(title.start)},{_ass_time(title.end)},Title,,0,0,0,,"
        f"{{\\pos({middle:.1f},{baseline - em * fonts.ascent(line):.1f}){look}\\fad(180,220)}}"
        f"{typeset(line, em, em)}\n"
        for line, baseline in zip(layout.lines, baselines(layout), strict=True)
    ]


def typeset(text: str, em: float, style_em: float) -> str:
    """Text that libass shows as it is, at `em`, in the fonts that have its characters.

    `style_em` is the size that stands without an override. Fonts differ in what a size
    means to libass, so every run in another font states its own.
    """
    shown = ""
    current = (fonts.MAIN, style_em)
    for run in fonts.runs(fonts.without_missing(text)):
        if (run.family, em) != current:
            shown += f"{{\\fn{run.family}\\fs{em * fonts.line_height(run.family):.1f}}}"
            current = (run.family, em)
        shown += _plain(run.text)
    return shown


def _plain(text: str) -> str:
    # A backslash cannot be escaped in ASS; a word joiner after it keeps it from starting
    # an escape. Braces open override blocks unless a backslash stands before them.
    text = text.replace("\\", "\\\u2060").replace("{", "\\{").replace("}", "\\}")
    return text.replace("\n", "\\N")


def srt(captions: Sequence[Caption]) -> str:
    """The captions as SubRip text."""
    return "\n".join(
        f"{number}\n{_srt_time(c.start)} --> {_srt_time(c.end)}\n{c.text}\n"
        for number, c in enumerate(captions, 1)
    )


def read_srt(text: str) -> list[Caption]:
    """The captions of a SubRip text, such as `srt` writes."""
    captions: list[Caption] = []
    for block in text.strip().split("\n\n"):
        times, _, said = block.partition("\n")[2].partition("\n")
        begin, arrow, end = times.partition(" --> ")
        if arrow:
            captions.append(Caption(_srt_seconds(begin), _srt_seconds(end), said))
    return captions


def _srt_seconds(time: str) -> float:
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(seconds)


def _ass_time(seconds: float) -> str:
    hundredths = round(seconds * 100)
    minutes, rest = divmod(hundredths, 6000)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest // 100:02d}.{rest % 100:02d}"


def _srt_time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{rest // 1000:02d},{rest % 1000:03d}"
