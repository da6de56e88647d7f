"""Takes away what an idea says to the program and not to the viewer.

"Make a funny video about …", "breaking news:", 「…の動画を作って」: the words of an order are no
topic. What is left is quoted in the film, so it is left grammatical.

Knows: how people order films in English and Japanese. Does not know: what is ordered.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from storyboard.plan import Language

_KIND = (
    r"(?:videos?|films?|movies?|clips?|shorts?|short film|reels?|tiktoks?|comed(?:y|ies)|sketch(?:es)?"
    r"|animations?|stor(?:y|ies)|cartoons?|explainers?|explanations?|dramas?|documentar(?:y|ies)"
    r"|thrillers?|skits?|jokes?|parod(?:y|ies)|tales?|scenes?|tutorials?|lessons?|romcoms?"
    r"|romances?|musicals?|sitcoms?|ads?|trailers?)"
)
_SAY = r"(?:make|create|do|write|give|generate|produce|film|show|tell|draw|i want|i'd like|i need)"
_LESSON: Mapping[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"\b(?:learn|stud(?:y|ies|ied)|practi[cs]|teach|taught|tutor)\w*\s+(?:\w+\s+){0,3}japanese\b"
        r"|\bjapanese\s+(?:(?:language|evening|online)\s+)?"
        r"(?:lesson|class|course|tutor|textbook|phrase|vocabulary|homework|exam)"
        r"|\b(?:order|ask|say|said|introduc|flirt|propos|apologi)\w*\b.*\bin japanese\b",
        re.IGNORECASE,
    ),
    "ja": re.compile(
        r"英会話|英語(?:の|を|で)?[^。]{0,6}"
        r"(?:習|学ぶ|学ん|勉強|練習|教え|教わ|教室|レッスン|授業|宿題|先生|注文|自己紹介|話)"
    ),
}
"""The language that the learner of a film in this one learns, and words of learning it."""
_EN = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^(?:please|hey|hi|hello|ok|okay|so)[,!]?\s+(?=\w)",
        r"^(?:can|could|would|will) you (?:please\s+)?(?=make|create|do|write|tell|show|explain)",
        rf"^{_SAY}\s+(?:(?:me|us)\s+)?(?:(?:an?|the|some)\s+)?(?:[\w-]+\s+){{0,4}}?{_KIND}\s+"
        r"(?:about|on|of|where|in which|showing|explaining|with)\s+",
        rf"^(?:an?|the|my)?\s*(?:[\w-]+\s+){{0,3}}?{_KIND}\s+(?:about|where|in which|explaining)\s+",
        r"^(?:explain|describe|teach)(?:\s+(?:to\s+)?(?:me|us|kids|children|the viewer))?[:,]?\s+"
        r"(?=\w)",
        r"^(?:tell|show)\s+(?:me|us)\s+(?:about\s+)?",
        r"^(?:new|introducing|announcing|presenting|coming soon|now (?:available|in stores)|finally here|limited offer)\s*"
        r"[!:–—-]+\s*|^introducing\s+",
        r"^(?:(?:that|the) (?:moment|feeling|face)|me|pov)? ?when\s+(?=you(?:r|['’]\w+)?\b(?!.*\?$))",
        r"^(?:breaking(?: news)?|news flash|story idea|idea|topic|prompt|title|pov|plot|pitch"
        r"|logline|subject|concept|premise|tl;?dr)\s*[:!–—-]+\s*",
        r"^(?:imagine|suppose|picture|think of)(?:\s+(?:if|that|this))?[:,]?\s+",
        r"^(?:it'?s\s+)?about\s+(?=(?:an?|the|my|two)\s)",
        r"^(?:this is|here'?s|there is|there'?s|once upon a time,?(?: there was)?)\s+"
        r"(?=(?:an?|the|my)\s)",
    )
)
_EXPLAINED = re.compile(
    r"^(?:please\s+)?(?:explain|teach (?:me|us|kids))\b"
    r"|^(?:why|how) (?:do|does|did|is|are|can)(?:n['’]t)?\b(?!.*\b(?:i|me|we|us)\b)"
    r"|^how (?!to\b)(?:an? )?\w+(?: \w+)? works?\b"
    r"|^what (?:is|are|makes?|causes?)\b(?!.*\b(?:my|our|your)\b)"
    r"|^(?!.*(?:私|僕|俺|うちの|パパ|ママ))(?:なぜ|どうして|なんで|.+[はが](?:なぜ|どうして|なんで|どうやって).+(?:のか|の|か)[？?]?$)"
    r"|(?:の仕組み|とは(?:何か)?[？?]?)$",
    re.IGNORECASE,
)
_EN_TAIL = re.compile(
    r"[\s,.;–—-]+(?:please|make it (?:\w+\s?){1,3}|in \d+ seconds|for (?:tiktok|instagram|youtube)"
    r"|thanks|thank you)[.!]*$",
    re.IGNORECASE,
)
_JA_KIND = (
    r"(?:動画|ビデオ|映画|映像|ショート(?:動画|フィルム)?|コメディ|コント|アニメ|物語|ストーリー|作品"
    r"|ドラマ|話|お話|解説(?:動画)?|小話)"
)
_JA = tuple(
    re.compile(pattern)
    for pattern in (
        r"^(?:新発売|新登場|期間限定|緊急告知|悲報|朗報|衝撃|【[^】]{1,12}】)\s*[：:！!、]*\s*",
        r"^(?:POV|ＰＯＶ)\s*[：:！!、]\s*",
        r"^(?:速報|ニュース速報|アイデア|テーマ|お題|題名|タイトル|企画|あらすじ)\s*[：:！!、]\s*",
        r"^(?:もし(?:も)?|例えば)、?(?=.*(?:たら|なら)$)",
    )
)
_JA_TAIL = re.compile(
    rf"(?:(?:を|について|に関する|という|の)+(?:面白い|短い|楽しい|\d+秒の)?{_JA_KIND}?(?:を|で)?"
    r"(?:(?:作|つく|書|撮|見せ|教え|説明し|解説し)(?:っ|い|え|せ)?(?:て|てください|てほしい|てくれ)"
    r"(?:ください|ほしい|くれ)?|説明|解説|お願い(?:します)?|希望))[。！!]*$"
    rf"|(?<=[うくすつぬむるぐぶいたな]){_JA_KIND}(?:を|が)(?:作|つく|書|撮|見|お願)[^。]{{0,8}}$"
    r"|(?:の|という)(?:お話|話|物語|ストーリー|コメディ|コント|動画|映像)[。！!]*$"
    rf"|(?:について|に関して|という{_JA_KIND}|(?:についての|に関する){_JA_KIND})[。！!]*$"
)


def without_commands(text: str, japanese: bool) -> str:
    """`text` without the words that order a film; whole again if nothing else was there."""
    left = text.strip()
    if japanese:
        for pattern in _JA:
            left = pattern.sub("", left)
        left = _JA_TAIL.sub("", left)
    else:
        before = ""
        while before != left:
            before = left
            for pattern in _EN:
                left = pattern.sub("", left, count=1).strip()
        left = _EN_TAIL.sub("", left)
    return left.strip() or text.strip()


def asks_to_explain(idea: str) -> bool:
    """Whether an idea is a question of general knowledge: "explain why the sky is blue"."""
    return _EXPLAINED.search(idea.strip()) is not None


def taught(idea: str, language: Language) -> bool:
    """Whether somebody learns Japanese in an English idea, or English in a Japanese one."""
    lesson = _LESSON.get(language)
    return lesson is not None and lesson.search(idea) is not None
