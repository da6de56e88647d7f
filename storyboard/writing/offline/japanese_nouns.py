"""Whom or what a Japanese noun names: somebody, an animal, a thing; one or several.

Knows: the lexicon, endings of nouns. Does not know: sentences.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal

from storyboard.writing.offline.lexicon import find, lexicon
from storyboard.writing.offline.reading import Named

_PERSON = re.compile(
    r"(?:人間|[人者員官師屋男女士手長王姫君様婆爺兄弟姉妹妻夫婦親母父友客僧侍神鬼輩娘嫁婿孫]|(?<![軒実民き])家|[獣科名治]医"
    r"|(?:[学校]|転校|転入|留学|実習|研修|同級|新入|卒業)生|息子|双子|弟子|友達|見習い|[男女]子|監督|選手|刑事|泥棒|強盗|怪盗|課長|係長|店長|院長|校長|職人|店主|武士|探偵|忍者|夫婦|幽霊"
    r"|カップル|(?<!リモ)コンビ|トリオ|彼氏|彼女|元カノ|元カレ|カノ|さん|くん|ちゃん|先生|教授|サンタクロース|アイドル|スパイ|マン"
    r"|パイロット|シェフ|ゾンビ|エイリアン|ヒーロー|ロボット|子ども|子供|赤ちゃん|社長|部長|課長|上司|同僚"
    r"|新人|バイト|ニート|オタク|リーマン|ドライバー|ライダー|ランナー|ダンサー|シンガー|デザイナー|トレーナー"
    r"|プログラマー|マネージャー|リーダー|ユーチューバー|インフルエンサー|エンジニア|カメラマン|ピアニスト"
    r"|ギタリスト|バイオリニスト|アーティスト|スタイリスト|コーチ|ガイド|スタッフ|キャプテン|オーナー|メイド"
    r"|ドラゴン|コメディアン|ウェイター|アナウンサー|キャスター|レスラー|ボクサー|マジシャン|ピエロ|マスター|レジ係|係)$"
)
_SEVERAL = re.compile(r"[二三四五六七八九十2-9２-９]+(?:人|匹|羽|頭|姉妹|兄弟|つ子)")


def counted(who: Named, said: str) -> Named:
    """Whom the idea counts: 「二人の侍」."""
    several = re.search(rf"[二三四五六七八九十2-9]+(?:人|匹|羽|頭)の{re.escape(who.noun)}", said)
    return replace(who, plural=True) if several else who


def is_person(text: str) -> bool:
    roles = (f for f in find(lexicon().roles, text) if f.language == "ja")
    return bool(_PERSON.search(text)) or any(text.endswith(f.word) for f in roles)


def named(text: str) -> Named:
    kind: Literal["person", "animal", "thing"] = "thing"
    found = [f for f in find(lexicon().roles, text) if f.language == "ja"]
    single = re.sub(r"(?:たち|(?<!友)達)$", "", text)
    if any(f.entry.animal and single.endswith(f.word) for f in found):
        kind = "animal"
    elif any(single.endswith(f.word) for f in found) or _PERSON.search(single):
        kind = "person"
    plural = single != text or bool(_SEVERAL.match(text)) or "と" in text
    return Named(text, text, text, single, plural, kind=kind)
