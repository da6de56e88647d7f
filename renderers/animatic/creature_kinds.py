"""The kinds of creatures, their colours and parts, and the words that ask for them.

Knows: words (English, Japanese), colours. Does not know: how anything is drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from renderers.animatic import thing_head

PREFIX = "creature:"
THING = "thing:"
"""After `PREFIX`: a thing with a face, by its emoji."""
X, Y = 35.0, -236.0
"""The middle of a skull, in figure units."""


@dataclass(frozen=True, slots=True)
class Creature:
    """One kind. `skin` is the head and the hands, `patch` its second colour."""

    skin: str
    words: str
    ears: str = ""
    muzzle: str = "snout"
    patch: str = "#fff6e6"
    nose: str = "#3a2a30"
    mark: str = ""
    hands: str = ""
    sign: str = ""
    """What it wears or has on the body, by its name in `creature_signs`."""
    peep: str = ""
    """For who looks like a person: the Open Peeps head; `skin` and `patch` (hair) may be ""."""
    beard: str = ""
    faint: float = 1.0
    """How much of it is seen: less than 1 lets the place shine through."""


def _person(
    words: str, peep: str, sign: str, hair: str = "", skin: str = "", beard: str = ""
) -> Creature:
    return Creature(skin, words, muzzle="flat", patch=hair, sign=sign, peep=peep, beard=beard)


CREATURES: dict[str, Creature] = {
    "penguin": Creature("#3b4358", "penguin|ペンギン", "", "beak", "#fffaf0", "#f6a52d", "mask"),
    "dog": Creature("#d9a066", "dog|puppy|hound|poodle|犬|いぬ|イヌ", "floppy", "snout", "#fff3dc", mark="eye"),
    "cat": Creature("#f0a24a", "cat|kitten|猫|ねこ|ネコ", "pointed", "small", "#fff3dc", "#e8788a", "whiskers"),
    "parrot": Creature("#5fae54", "parrot|parakeet|budgie|cockatoo|オウム|インコ", "crest", "beak", "#f7e9a0", "#f2b632"),
    "pigeon": Creature("#9aa3b5", "pigeon|dove|鳩|ハト", "", "beak", "#c7cedb", "#e9a54a"),
    "eagle": Creature("#8a5a36", "eagle|hawk|falcon|鷲|鷹|ワシ", "crest", "beak", "#fffaf0", "#f2b632", "mask"),
    "seagull": Creature("#fbf8f2", "seagull|gull|カモメ|かもめ", "", "beak", "#ffffff", "#f2a23a"),
    "chicken": Creature("#fffaf0", "chicken|hen|rooster|鶏|にわとり", "comb", "beak", "#ffffff", "#f2a23a"),
    "duck": Creature("#f6cf4a", "duck|duckling|swan|goose|アヒル|鴨", "", "beak", "#fbe08a", "#ef8b2c"),
    "owl": Creature("#9b7348", "owl|フクロウ", "pointed", "beak", "#ead2a8", "#f2b632", "mask"),
    "rabbit": Creature("#f1e6de", "rabbit|bunny|hare|うさぎ|ウサギ|兎", "long", "small", "#ffffff", "#e8788a"),
    "bear": Creature("#9a6b43", "bear|teddy|熊|クマ", "round", "snout", "#e4c39a"),
    "panda": Creature("#fffaf2", "panda|パンダ", "round dark", "snout", "#ffffff", mark="panda", hands="#3a3540"),
    "pig": Creature("#f4a9b8", "pig|piglet|hog|豚|ブタ", "pointed", "pig", "#f7bcc8", "#d9728c"),
    "cow": Creature("#fbf6ee", "cow|bull|ox|牛|ウシ", "horns", "pig", "#f6c3c0", "#b5656e", "eye"),
    "mouse": Creature("#b9b4bd", "mouse|rat|ねずみ|ネズミ|鼠", "huge", "small", "#e9e1e4", "#e8788a", "whiskers"),
    "hamster": Creature("#e3b06d", "hamster|squirrel|ハムスター|リス", "round", "small", "#fff3dc", "#e8788a"),
    "lion": Creature("#eeb14e", "lion|ライオン", "mane", "snout", "#fae3b0"),
    "tiger": Creature("#f09a3c", "tiger|虎|トラ", "round", "snout", "#fff3dc", mark="stripes"),
    "fox": Creature("#e9793b", "fox|狐|キツネ|きつね", "pointed", "snout", "#fff6e6", mark="mask"),
    "wolf": Creature("#8b919c", "wolf|werewolf|狼|オオカミ", "pointed", "snout", "#dfe2e6", mark="mask"),
    "raccoon": Creature("#a59b94", "raccoon|tanuki|狸|たぬき|タヌキ", "round", "snout", "#f3e9de", mark="panda"),
    "frog": Creature("#79b657", "frog|toad|蛙|カエル", "frog", "flat", "#d7ecae"),
    "lizard": Creature("#6fae6a", "lizard|crocodile|alligator|turtle|snake|dinosaur|dragon|恐竜|龍|竜|亀|蛇|トカゲ|ワニ", "spikes", "flat", "#d9ecaf"),
    "monkey": Creature("#8a5a3b", "monkey|ape|gorilla|chimp|猿|サル|ゴリラ", "ape", "snout", "#efc79d", mark="mask"),
    "elephant": Creature("#a9b0bd", "elephant|象|ゾウ", "elephant", "trunk", "#c5cad4"),
    "horse": Creature("#a5673f", "horse|pony|donkey|馬", "horse", "pig", "#c89a72", "#6b3f2a"),
    "unicorn": Creature("#fdf4fb", "unicorn|ユニコーン", "unicorn", "pig", "#fbdcea", "#e39ac0"),
    "sheep": Creature("#f7efe2", "sheep|lamb|goat|羊|山羊|ヒツジ", "wool", "snout", "#e8d4c0"),
    "deer": Creature("#b97b4b", "deer|reindeer|moose|鹿|シカ", "antlers", "snout", "#f0d9b8"),
    "fish": Creature("#f39a3c", "goldfish|fish|carp|salmon|金魚|魚", "fins", "flat", "#fcd79a"),
    "shark": Creature("#8ea6bb", "shark|whale|dolphin|サメ|鮫|クジラ|イルカ", "fin", "flat", "#eef3f6", mark="belly"),
    "octopus": Creature("#e57f92", "octopus|squid|タコ|蛸|イカ", "dome", "flat", "#f3aebb"),
    "bee": Creature("#f5c53c", "bee|wasp|蜂", "antennae", "flat", "#fbe08a"),
    "insect": Creature("#6a5568", "ant|beetle|fly|mosquito|cockroach|spider|butterfly|moth|蟻|蝿|蚊|クモ|ゴキブリ", "antennae", "flat", "#8d7690"),
    "snowman": Creature("#f4f8fc", "snowman|yeti|雪だるま", "hat", "carrot", "#ffffff", "#f08a3c"),
    "robot": Creature("#b4c0cc", "robot|android|ai|bot|computer|ロボット|アンドロイド|人工知能", "bolt", "plate", "#dfe7ee"),
    "alien": Creature("#9fc98a", "alien|martian|extraterrestrial|宇宙人|エイリアン|火星人", "antennae", "flat", "#c9e3b5"),
    "ghost": Creature("#f3f2fb", "ghost|spirit|phantom|poltergeist|幽霊|お化け|おばけ|ゆうれい", "wisp", "flat", "#ffffff", sign="trail", faint=0.66),
    "skeleton": Creature("#f5efe0", "skeleton|death|grim reaper|骸骨|死神", "", "skull", "#ffffff"),
    "zombie": Creature("#a3b98a", "zombie|ゾンビ", "tuft", "flat", "#c3d3ae"),
    "vampire": Creature("#e9e4ee", "vampire|dracula|吸血鬼|ドラキュラ", "slick", "fangs", "#ffffff", sign="cape"),
    "oni": Creature("#d9534a", "ogre|oni|demon|devil|鬼|悪魔", "horns", "fangs", "#ef8d7c"),
    "kappa": Creature("#86b85c", "kappa|河童|カッパ", "", "beak", "#d7ecae", "#e9b53f", sign="dish"),
    "tengu": Creature("#d9534a", "tengu|天狗", "", "carrot", "#ef8d7c", "#c8443c", sign="monk cap"),
    "ninja": Creature("#37343f", "ninja|忍者|くノ一", "", "flat", "#f6cba0", mark="mask", hands="#f6cba0"),
    "wizard": _person("wizard|sorcerer|warlock|魔法使い|魔術師", "grayMedium", "wizard hat", "#e6e2de", beard="full3"),
    "witch": _person("witch|sorceress|魔女", "longCurly", "witch hat", "#a04c2b"),
    "mermaid": _person("mermaid|merman|siren|人魚", "longBangs", "star", "#2b8f8a"),
    "fairy": _person("fairy|pixie|妖精", "bun2", "wings", "#dba94e"),
    "angel": _person("angel|cupid|天使", "short4", "halo", "#dba94e"),
    "snow woman": _person("snow woman|snow maiden|yuki-onna|雪女", "longBangs", "", "#eef4fb", "#e9f1fb"),
    "pirate": _person("pirate|buccaneer|海賊", "long", "pirate hat", "#2a2631"),
    "santa": _person("santa|santa claus|father christmas|サンタ|サンタクロース", "grayShort", "santa hat", "#f4f2ee", beard="full3"),
    "astronaut": _person("astronaut|cosmonaut|spaceman|宇宙飛行士", "short2", "helmet"),
    "superhero": _person("superhero|superheroine|supervillain|スーパーヒーロー|ヒーロー", "pomp", "eye mask", "#2a2631"),
    "monarch": _person("king|emperor|prince|王様|国王|皇帝|王子", "short4", "crown"),
    "queen": _person("queen|empress|princess|女王|王女|お姫様", "longBangs", "crown"),
    "clown": _person("clown|jester|ピエロ|道化師", "noHair1", "clown", "#e8743c", "#fff6f0"),
    "plant": Creature("#7fb45e", "plant|tree|cactus|flower|植物|木|サボテン|花", "leaves", "flat", "#a5d07e"),
    "egg": Creature("#fbeed6", "egg|potato|onion|tomato|卵|玉ねぎ", "tuft", "flat", "#ffffff"),
}  # fmt: skip
_BEINGS = (
    "robot", "alien", "ghost", "skeleton", "zombie", "vampire", "oni", "kappa", "tengu", "ninja", "wizard", "witch",
    "mermaid", "fairy", "angel", "pirate", "superhero", "snowman",
)  # fmt: skip
"""Who stays what they are, whatever they work as."""
_NO_BEING = frozenset({"computer", "ai", "bot", "death", "spirit", "siren"})
"""Words for them that mean no being before another word: "a computer scientist"."""
_OF_IT = re.compile(
    r"\b(?:hunt|slay|own|mak|engineer|design|expert|train|tam|repair|fan\b|lov|watch|invest|research|writ|bust|whisper|"
    r"costume|movie|film|story|house|ship|vacuum|arm|hat\b|hand|language|generated|crab|pepper|town|mode|dance|type|radio|scientist)\w*"
)
"""After a being, who or what has only to do with it: a ghost hunter, a robot engineer."""
_TRADE_JA = re.compile(
    r"の?[^の]*(?:員|者|師|長|手|士|生|人|屋|家|官|医|店主|先生|父|母|夫|妻|さん|バイト|店長|王|嬢|娘|子)$"
)
_OF = re.compile(r"\b(?:who|that|which|with|in|at|from|of|and|for|on|whose)\b|[,;:(]")


def creature_of(role: str) -> str | None:
    """The creature that a role names ("penguin", "the ghost of the house"), or None.

    Only what somebody *is* counts: a "dog walker" is a person.
    """
    text = role.lower().strip()
    head = _OF.split(text)[0].strip() if text.isascii() else text
    if being := _being(head):
        return being
    for name, creature in CREATURES.items():
        for word in creature.words.split("|"):
            for form in (word, f"{word}s") if word.isascii() else (word,):
                if head.endswith(form) and not _joined(head[: -len(form)], word):
                    return name
    return None


def _being(text: str) -> str | None:
    """The being that somebody with a trade is: "vampire dentist", 幽霊の会社員."""
    for name in _BEINGS:
        for word in set(CREATURES[name].words.split("|")) - _NO_BEING:
            if not word.isascii():
                if text.startswith(word) and _TRADE_JA.match(text[len(word) :]):
                    return name
            elif (found := re.search(rf"\b{word} (?=\w)", text)) and not _OF_IT.search(
                text[found.end() :]
            ):
                return name
    return None


def _joined(before: str, word: str) -> bool:
    """Whether what stands before makes a word one with it ("cat" in "tomcat", 鬼 in 殺人鬼)."""
    last = before[-1:]
    return last.isalnum() if word.isascii() else "\u4e00" <= last <= "\u9fff"


def looks_human(role: str) -> bool:
    """Whether the being that a role names has a person's face and body."""
    name = creature_of(role)
    return name is not None and bool(CREATURES[name].peep)


def drawn_as(head: str) -> str:
    """What a head shows: a being's name, a thing's emoji, or "person"."""
    return head.removeprefix(PREFIX).removeprefix(THING) if head.startswith(PREFIX) else "person"


def kind(head: str) -> Creature | None:
    if not head.startswith(PREFIX):
        return None
    if thing := thing_in(head):
        return Creature(thing_head.colour_of(thing), "", muzzle="flat")
    return CREATURES.get(head.removeprefix(PREFIX))


def thing_in(head: str) -> str:
    """The emoji of a thing with a face; "" for a creature."""
    name = head.removeprefix(PREFIX)
    return name.removeprefix(THING) if name.startswith(THING) else ""
