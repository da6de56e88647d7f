"""Reads an idea in Japanese: who, predicate, thing and place, from Open JTalk's morphemes.

Knows: Japanese grammar as far as one sentence of an idea needs it. Does not know: lines.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from storyboard.writing.offline.grammar import grammar
from storyboard.writing.offline.halves import OUTCOME, plain
from storyboard.writing.offline.japanese_nouns import counted, is_person, named
from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.morphemes import Morph, japanese
from storyboard.writing.offline.quoting import quoted
from storyboard.writing.offline.reading import Act, Form, Reading

_LONGEST_BEFORE = 14
_LONGEST_PAIR = 12
_TOLD_OF = ("日", "話", "件", "夜", "朝", "時", "物語", "瞬間")
_QUESTION = re.compile(
    r"なぜ|どうして|なんで|何で|とは$|とは何|仕組み|理由|どうやって|どのように|[?？]$"
)
_FELT = re.compile(
    r"[がも](?:気になる|好き|大好き|嫌い|怖い|こわい|ほしい|欲しい|苦手|得意|恋しい|うらやましい|つらい|気に入らない"
    r"|やめられない|止められない|覚えられない|食べられない|言えない|わからない|できない|見つからない|読めない"
    r"|足りない|終わらない|決まらない|届かない|減らない|なくなった|なくなる)$"
)
_SAYING = re.compile(r"とは.*(?:こと|もの)(?:だ|である|です)$")
_YOU = re.compile(r"^(?:あなた|君|きみ|お前)は(?=.)")
_ME = ("私", "僕", "俺", "わたし", "ぼく", "おれ")
_COUNTS = re.compile(r"[二三四五六七八九十\d]+(?:つ|個)の[^の]{1,6}$")
_MADE = re.compile(r"(?:くれた|遺した|残した|作った|編んだ|縫った|書いた)[^がを]{0,4}$")
"""「母が縫ってくれた袋」 is about the bag."""
_TURNS = ("たら", "だら", "のに", "けど")
_FOUND_OUT = re.compile(r"(?:[てで]いた|だった|知らなかった|気づかなかった)$")
"""How whoever tells it found out: 「元担任が座っていた」."""
_BY_ITSELF = re.compile(
    r"(?:届|見つか|出て|消え|なくな|壊れ|落ち|鳴|切れ|止ま|溶け|割れ|(?<!出)来[たる])[^、]{0,5}$"
)
"""What things do without wanting anything: whoever saw it tells it."""
_WHERE = ("で", "に", "へ")
_WHEN = re.compile("(?:[日朝昼夜時前後]|途中|最中|帰り|あと|翌日|時間|当日|前日)$")
_DAY = re.compile("(?:[日月火水木金土]曜日?|昨日|今日|明日|毎日|毎朝|毎晩|昔)の$")
_SUBJECT = ("が", "は", "も")
SITE = re.compile(
    r"(?:基地|部屋|一軒家|小屋|屋敷|[店屋駅場館園室所校港泉宿島城寺街村局堂院]|公園|遊園地|寿司|スタジオ|キャンプ|センター|ホーム|ランドリー"
    r"|ベンチ|カフェ|スタンド|屋上|路地|海辺|砂浜)$"
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Nouns that stand together, and the particle after them."""

    text: str
    start: int
    end: int
    particle: str


def read_japanese(text: str) -> Reading:
    """Understand a Japanese idea."""
    said = quoted(text)
    # 「あなたは忘れられたプリン」 is about the pudding.
    core = OUTCOME.sub("", _YOU.sub("", said))
    morphs = [m for m in japanese(core) if m.pos != "記号"]
    cited = re.findall("『(.+?)』", said)
    runs = [run for run in _runs(morphs) if not any(run.text in words for words in cited)]
    if not morphs or not any(m.pos in ("名詞", "動詞", "形容詞", "感動詞", "副詞") for m in morphs):
        return Reading(said)
    form = _form(said, morphs, runs)
    who, does = _who_does(morphs, runs, form)
    if who in _ASKED_FOR:
        # 「外には何がある」
        who, does = "", ""
    # A loose question is about what it names first.
    taken = {who} if who else set[str]()
    place = _place(runs, taken)
    thing = _thing(runs, taken | {place})
    if form == "clause" and who and (_felt(morphs, runs, who) or _befell(morphs, runs, who)):
        # 「隣の人の本の続きが気になる」: who feels it is not named.
        thing = who if who not in _NO_THING and not is_person(who) else thing
        who, does = "", "".join(m.text for m in morphs)
    for words in cited:
        does = does.replace(words, f"『{words}』", 1)
    does = plain(does) or does if does else ""
    if _SAYING.search(said):
        # 「幸せとは、…ことだ」 is about what it explains.
        who = said.partition("とは")[0]
    if core != said and form == "word" and is_person(who):
        # 「店員あるある」 is told by one.
        form, does = "noun", f"{who}な"
    return Reading(
        text=said,
        form=form,
        who=counted(named(who), said) if who else None,
        act=Act(does) if does else None,
        thing=named(thing) if thing else None,
        place=place,
        content=_content(morphs, runs),
        names=tuple(
            dict.fromkeys(m.text for m in morphs if m.kind == "固有名詞" and len(m.text) > 1)
        ),
        own=bool(re.search(r"(?:^|[^一-龠])(?:私|僕|俺)(?:は|が|の|を|に|と|$)", said)),
    )


def _befell(morphs: Sequence[Morph], runs: Sequence[_Run], who: str) -> bool:
    """Whether something happened to whoever tells it: 「母が野菜を送ってくる」, 「彼氏の実家で
    紙が切れた」, 「お化け屋敷をやったら本物が出た」."""
    subject = next((r for r in runs if who.endswith(r.text) and r.particle in _SUBJECT), None)
    if subject is None:
        return False
    if any(m.text in _TURNS for m in morphs[: subject.start]):
        return True
    said = "".join(m.text for m in morphs)
    before = morphs[subject.start - 1] if subject.start else None
    made = before is not None and before.pos in ("動詞", "助動詞")
    if (made or _BY_ITSELF.search(said)) and not is_person(who) and named(who).kind == "thing":
        # 「褒められたくて作った弁当が名物になった」
        return True
    if _FOUND_OUT.search(said) or any(m.text in (*_ME, "うち") for m in morphs[subject.end :]):
        # 「転校生は妖怪だった」, 「猫が私より先に返事をする」
        return subject.text not in _ME
    ended = [m.base for m in morphs[subject.end :] if m.pos != "助動詞"][-2:]
    if ended in (["て", "くる"], ["て", "くれる"], ["で", "くれる"], ["で", "くる"]):
        return True
    own = re.search("私|僕|俺|彼氏|彼女|元カレ|元カノ|上司|義母|義父", said)
    return bool(own and subject.start) and not is_person(who) and named(who).kind == "thing"


def _felt(morphs: Sequence[Morph], runs: Sequence[_Run], who: str) -> bool:
    """Whether the subject is what somebody likes, fears or can't do, and nobody who feels it."""
    if is_person(who) or named(who).kind != "thing":
        return False
    return bool(_FELT.search("".join(m.text for m in morphs)))


def _runs(morphs: Sequence[Morph]) -> list[_Run]:
    runs: list[_Run] = []
    at = 0
    while at < len(morphs):
        end = at
        while end < len(morphs) and _nominal(morphs, end):
            end += 1
        if end > at:
            words = "".join(m.text for m in morphs[at:end])
            runs.append(_Run(words, at, end, _particle(morphs, end)))
        at = max(end, at + 1)
    return runs


def _particle(morphs: Sequence[Morph], at: int) -> str:
    """What is after a noun: its particle, 「だ」 where it is what somebody is, 「の日」 where it says
    when: no thing is in 「方向音痴なのに」 and 「卒業式の日」."""
    after = morphs[at] if at < len(morphs) else None
    if after is None or after.pos != "助詞":
        return "だ" if after and after.text == "な" else ""
    when = after.text == "の" and at + 1 < len(morphs) and _WHEN.match(morphs[at + 1].text)
    return "の日" if when else after.text


def _nominal(morphs: Sequence[Morph], at: int) -> bool:
    morph = morphs[at]
    if morph.pos == "接頭詞":
        return at + 1 < len(morphs) and morphs[at + 1].pos == "名詞"
    if morph.pos != "名詞" or morph.kind == "非自立":
        return False
    if morph.kind == "副詞可能":
        # 「月曜日は」, and not 「毎日」.
        after = morphs[at + 1] if at + 1 < len(morphs) else None
        counted = after is not None and after.kind in ("数", "接尾")
        return (
            counted or len(morphs) == 1 or (after is not None and after.text in ("は", "が", "を"))
        )
    if morph.kind == "接尾" and at and morphs[at - 1].pos != "名詞":
        # The さ of 「小ささ」.
        return False
    # 「無視される」「電話する」: the noun is the verb's.
    follows = morphs[at + 1] if at + 1 < len(morphs) else None
    if morph.kind == "形容動詞語幹":
        # 「透明人間」, and not 「不器用な消防士」.
        return follows is not None and follows.pos == "名詞"
    return not (
        morph.kind == "サ変接続" and follows is not None and follows.base in ("する", "できる")
    )


def _form(said: str, morphs: Sequence[Morph], runs: Sequence[_Run]) -> Form:
    if _QUESTION.search(said):
        return "question"
    last = morphs[-1]
    if last.pos in ("動詞", "助動詞", "形容詞"):
        return "noun" if _SAYING.search(said) else "clause"
    if len(runs) == 1 and runs[0].end - runs[0].start == len(morphs):
        return "word"
    return "noun"


def _who_does(morphs: Sequence[Morph], runs: Sequence[_Run], form: Form) -> tuple[str, str]:
    """Who, and the predicate in plain form that a line may end with 「んです」."""
    subject = next((r for r in runs if r.particle in _SUBJECT and r.text != "自分"), None)
    if form in ("clause", "question"):
        if subject is None:
            first = next((r for r in runs if r.text not in grammar().empty_ja), None)
            if form == "clause":
                # 「全員が我慢している」 is not about whoever writes.
                another = any(m.text == "が" and m.kind == "格助詞" for m in morphs)
                return "", "" if another else "".join(m.text for m in morphs)
            return (first.text if first else ""), ""
        if _whom_it_meets(morphs, subject) or _within(morphs, runs, subject):
            return "", "".join(m.text for m in morphs)
        who = _with_owner(morphs, runs, subject)
        after = morphs[subject.end + 1 :]
        does = _before(morphs, subject, who) + "".join(m.text for m in after)
        return who, does if form == "clause" else ""
    if form == "word":
        return runs[0].text, ""
    if subject is not None and len(morphs) > 2 and morphs[-1].text in _TOLD_OF:
        # 「猫が社長になった日」: what happened on it.
        told = "".join(m.text for m in morphs[subject.end + 1 : -1])
        if morphs[-2].pos in ("動詞", "助動詞", "形容詞") and told:
            return _with_owner(morphs, runs, subject), told
    return _in_noun_phrase(morphs, runs, subject)


def _in_noun_phrase(
    morphs: Sequence[Morph], runs: Sequence[_Run], subject: _Run | None
) -> tuple[str, str]:
    """The same of an idea that ends in a noun: 「温泉で眼鏡を失くした探偵」."""
    if counted := _COUNTS.search("".join(m.text for m in morphs)):
        # 「恋人に嫌われる人の三つの癖」
        return counted[0], ""
    last = runs[-1] if runs and runs[-1].end == len(morphs) else None
    told = subject is not None and last is not None and subject.particle == "が"
    if told and subject and is_person(subject.text) and subject.end < len(morphs) - 1:
        after = morphs[subject.end + 1 :]
        if not any(m.pos in ("動詞", "助動詞") for m in after):
            # 「社員旅行で社長がずっと方言」: so he is.
            does = "".join(m.text for m in after) + "な"
            return subject.text, _before(morphs, subject, subject.text) + does
    if last is None:
        return (runs[0].text if runs else ""), ""
    before = morphs[last.start - 1] if last.start else None
    loose = any(
        a.text == "の" and b.pos == "動詞" for a, b in itertools.pairwise(morphs[: last.start])
    )
    if loose and subject is None:
        # 「奥の忘れられたプリン」: nobody says 「奥の忘れられた」 alone.
        return last.text, ""
    if before is not None and before.pos in ("動詞", "助動詞", "形容詞"):
        told = "".join(m.text for m in morphs[: last.start])
        if any(_another(morphs, run) for run in runs[:-1]):
            # 「忘れ物をする小学生と忘れない母」
            return last.text, ""
        if last.text in _ME:
            # 「蚊にもモテない俺」
            return "", told
        thing = named(last.text).kind == "thing" and not SITE.search(last.text)
        if subject is not None and thing and not _MADE.search(told):
            return subject.text, "".join(m.text for m in morphs[subject.end + 1 : last.start])
        return last.text, told
    told = any(m.pos == "動詞" for m in morphs[: last.start])
    if before is not None and before.text == "の" and told and not is_person(last.text):
        # 「引っ越しの日に見つけた母の手紙」 is about the letter.
        return _with_owner(morphs, runs, last), ""
    if len(runs) == 2 and morphs[-1].kind == "サ変接続" and named(runs[0].text).kind != "thing":
        # 「おばあちゃんのスマホデビュー」: it is what she does.
        return runs[0].text, f"{last.text}する" if runs[0].particle == "の" else ""
    owned = all(r.particle == "の" for r in runs[:-1]) and not is_person(last.text)
    if owned and not told and not any(m.pos == "動詞" for m in morphs):
        # 「祖母の梅干しのレシピ」 is about the recipe.
        return _with_owner(morphs, runs, last), ""
    people = [r for r in runs if is_person(r.text) and r.text not in grammar().empty_ja]
    if people and people[0].particle == "だ":
        # 「吸血鬼なのに朝型」
        return people[0].text, "".join(m.text for m in morphs) + "な"
    return (people[0] if people else last).text, ""


def _another(morphs: Sequence[Morph], run: _Run) -> bool:
    """Whether somebody of whom something is told stands beside the last one."""
    before = morphs[run.start - 1] if run.start else None
    told = before is not None and before.pos in ("動詞", "助動詞", "形容詞")
    return told and run.particle == "と" and is_person(run.text)


def _whom_it_meets(morphs: Sequence[Morph], subject: _Run) -> bool:
    """Whether the subject is nobody without whoever tells it: 「傘を貸した相手が」."""
    before = morphs[subject.start - 1] if subject.start else None
    told = before is not None and before.pos in ("動詞", "助動詞")
    # 「傘だけを集めている男」 does it himself.
    him = ("男", "女") if before is not None and before.text == "た" else ()
    return told and subject.text in ("相手", "人", "やつ", "奴", "方", *him)


def _within(morphs: Sequence[Morph], runs: Sequence[_Run], subject: _Run) -> bool:
    """Whether the subject is that of a clause about another one: 「母が送ってくる箱がいつも米」."""
    after = [r for r in runs if r.start > subject.end]
    told = subject.particle == "が" and any(r.particle in ("が", "は") for r in after)
    return told and any(morphs[r.start - 1].pos in ("動詞", "助動詞") for r in after)


def _before(morphs: Sequence[Morph], subject: _Run, who: str) -> str:
    """What stands before the subject and belongs to what is done: 「忘れ物をした時に限って」."""
    start = subject.start
    while start and "".join(m.text for m in morphs[start : subject.end]) != who:
        start -= 1
    if not start or morphs[start - 1].pos != "助詞" or morphs[start - 1].text in ("の", "や", "と"):
        return ""
    told = "".join(m.text for m in morphs[:start])
    return told if len(told) <= _LONGEST_BEFORE else ""


def _with_owner(morphs: Sequence[Morph], runs: Sequence[_Run], subject: _Run) -> str:
    """「ラーメン屋の店主」"""
    at, whole = list(runs).index(subject), subject.text
    before = "".join(m.text for m in morphs[max(0, subject.start - 2) : subject.start])
    if _DAY.match(before):
        # 「日曜の夜」
        return before + whole
    # 「隣の席の人」
    while at and runs[at - 1].particle == "の" and runs[at - 1].end + 1 == runs[at].start:
        at -= 1
        longer = f"{runs[at].text}の{whole}"
        if len(longer) > 9 or runs[at].text in ("自分", "うち", "人", *_ME):
            break
        whole = longer
    if at and runs[at - 1].particle == "と" and runs[at - 1].end + 1 == runs[at].start:
        # 「朝型の夫と夜型の妻」
        both = f"{_with_owner(morphs, runs, runs[at - 1])}と{whole}"
        whole = both if len(both) <= _LONGEST_PAIR else whole
    return whole


def _place(runs: Sequence[_Run], taken: set[str]) -> str:
    for run in runs:
        if run.particle in _WHERE and run.text not in taken | grammar().empty_ja:
            known = any(f.language == "ja" for f in find(lexicon().places, run.text))
            if known or (SITE.search(run.text) and run.particle != "に"):
                return run.text
    return ""


def _thing(runs: Sequence[_Run], taken: set[str]) -> str:
    def free(run: _Run) -> bool:
        inside = any(run.text in t or t in run.text for t in taken if t)
        said = run.text not in grammar().empty_ja and run.text not in _NO_THING
        return said and not inside and len(run.text) <= 12 and not _COUNTED.match(run.text)

    for particles in (
        ("を",),
        ("が", "しか", "ばかり", "も"),
        ("に", "と", "から"),
        ("で",),
        ("の",),
    ):
        for run in runs:
            # Where nobody is named, whom the writer met is no thing: 「父に勝った」.
            met = not any(taken) and is_person(run.text)
            if run.particle in particles and free(run) and not met:
                return run.text
    return next((run.text for run in runs if not run.particle and free(run)), "")


_NO_THING = frozenset("気 目 手 口 方 限り 度 奥 隣 横 上 下 裏 外 中 先 朝 夜".split())
_ASKED_FOR = frozenset(["何", "なに", "誰", "だれ", "どこ", "いつ", "どれ", "どちら", "どっち"])
"""What a question asks for, and nothing that it is about."""
_COUNTED = re.compile(
    r"[〇一二三四五六七八九十百千万\d０-９]+(?:年|か月|ヶ月|月|日|時|分|秒|回|人|匹|歳|円|度|つ|階|番|週間)"
)


def _content(morphs: Sequence[Morph], runs: Sequence[_Run]) -> tuple[str, ...]:
    words = [run.text for run in runs]
    words += [m.base for m in morphs if m.pos in ("動詞", "形容詞") and m.kind == "自立"]
    words += [m.text for m in morphs if m.pos == "名詞" and m.kind in ("サ変接続", "形容動詞語幹")]
    kept = [w for w in words if w not in grammar().empty_ja and w]
    return tuple(w for w in dict.fromkeys(kept) if not any(w != o and w in o for o in kept))
