"""Everyday words for what emoji show, beside their official names; English and Japanese.

Knows: words. Does not know: pictures.
"""

from __future__ import annotations

import re

_TABLE = """
🐶 dog puppy pup hound mutt 犬 いぬ 子犬 わんこ|🐱 cat kitten kitty feline 猫 ねこ 子猫 にゃんこ|🐭 mouse mice ねずみ 鼠|🐰 rabbit bunny hare うさぎ 兎|🐻 bear くま 熊
🐔 chicken hen 鶏 にわとり|🐦 bird sparrow 鳥 小鳥 すずめ|🕊 pigeon dove 鳩 はと|🦅 eagle hawk falcon 鷲 鷹|🦜 parrot parakeet budgie cockatoo インコ|🐧 penguin|🦢 swan 白鳥
🐴 horse pony 馬|🐮 cow cattle 牛|🐷 pig piglet hog 豚|🐑 sheep lamb 羊|🐐 goat 山羊|🐟 fish goldfish carp salmon tuna trout sardine 魚 金魚 鮭 まぐろ 鯛|🦈 shark 鮫|🐳 whale 鯨
🐙 octopus 蛸 たこ|🦞 lobster|🦀 crab 蟹|🐢 turtle tortoise 亀|🐍 snake serpent 蛇|🦎 lizard gecko|🐲 dragon 竜 龍|🦖 dinosaur t-rex 恐竜|🐝 bee wasp hornet 蜂|🐜 ant ants 蟻
🦋 butterfly moth 蝶|🕷 spider 蜘蛛|🐌 snail かたつむり|🪰 fly 蠅|🦟 mosquito 蚊|🐒 monkey ape 猿 さる|🦍 gorilla|🦊 fox 狐 きつね|🐺 wolf 狼|🦁 lion ライオン|🐯 tiger 虎|🐘 elephant 象 ゾウ
🦌 deer reindeer 鹿|🦝 raccoon 狸 たぬき|🦉 owl 梟|🦆 duck 鴨 アヒル|🐤 chick seagull gull ひよこ カモメ かもめ|🐸 frog toad 蛙 カエル|🦇 bat bats|🦄 unicorn ユニコーン|🐼 panda パンダ
🐨 koala コアラ|🐹 hamster ハムスター|🐦‍ crow raven カラス 烏|👻 ghost spirit phantom poltergeist 幽霊 お化け おばけ ゆうれい|👽 alien extraterrestrial martian 宇宙人 エイリアン|🤖 robot android ai bot ロボット 人工知能
👹 ogre demon oni monster 鬼 悪魔|👺 goblin tengu 天狗|🤡 clown ピエロ|💀 skeleton skull reaper death 骸骨 死神|🎅 santa サンタ サンタクロース|⛄ snowman 雪だるま|🎃 pumpkin halloween ハロウィン かぼちゃ|😇 angel 天使
🧛 vampire dracula 吸血鬼|🧟 zombie ゾンビ|🧙 wizard witch sorcerer magician 魔法使い 魔女|🧜 mermaid 人魚|🧚 fairy 妖精|🧞 genie|🥷 ninja 忍者|🧸 teddy toy おもちゃ ぬいぐるみ
🍕 pizza ピザ|🥪 sandwich サンドイッチ|🍔 burger hamburger ハンバーガー|🌭 hotdog|🍟 fries chips|🍜 ramen noodles noodle soup ラーメン うどん そば 麺|🍣 sushi 寿司 すし 回転寿司|🍱 bento lunchbox lunch 弁当 お弁当
🍙 onigiri rice-ball おにぎり|🍚 rice ご飯 ごはん 米|🍝 pasta spaghetti パスタ|🍛 curry カレー|🥟 dumpling gyoza 餃子|🌮 taco|🥗 salad サラダ|🍲 stew pot hotpot 鍋 味噌汁|🍳 egg eggs omelette breakfast cooking 卵 料理 朝食
🥚 egg|🧀 cheese チーズ|🥩 steak meat beef 肉 ステーキ|🍗 drumstick|🥓 bacon|🍞 bread toast loaf パン|🥐 croissant|🥞 pancake|🧅 onion onions 玉ねぎ たまねぎ|🧄 garlic|🥕 carrot にんじん|🥔 potato じゃがいも 芋|🍅 tomato トマト|🌽 corn
🌶 chili pepper 唐辛子|🥬 lettuce cabbage vegetables vegetable 野菜|🥒 cucumber pickle きゅうり|🍆 aubergine eggplant なす|🍎 apple apples fruit りんご 林檎 果物|🍌 banana バナナ|🍊 orange みかん|🍋 lemon レモン|🍇 grape|🍓 strawberry いちご|🍉 watermelon スイカ
🍑 peach 桃|🥑 avocado|🎂 cake birthday ケーキ 誕生日|🍰 pastry dessert|🍪 cookie biscuit snack snacks クッキー おやつ|🥠 fortune-cookie fortune|🍩 donut doughnut ドーナツ|🍦 ice-cream gelato アイス|🍫 chocolate チョコ チョコレート|🍬 sweets candy 飴 お菓子|🍿 popcorn
☕ coffee espresso latte cappuccino cup mug コーヒー 珈琲 カップ|🍵 tea お茶 緑茶|🍺 beer ビール|🍷 wine ワイン|🍶 sake 日本酒 酒|🥛 milk 牛乳|🍸 cocktail martini|🥃 whisky whiskey|🧃 juice ジュース|🍋 lemonade|🍯 honey
🍽 dinner meal restaurant food plate dish 食事 皿 レストラン|🥄 spoon|🍴 fork|🔪 knife 包丁|🥢 chopstick 箸|🧂 salt 塩|🍼 bottle|🫖 teapot kettle やかん|🧊 ice 氷|\ue006 refrigerator fridge freezer 冷蔵庫|🍳 pan frying-pan フライパン
🚗 car automobile cars 車 自動車|🚕 taxi cab タクシー|🚌 bus バス|🚂 train railway 電車 列車|🚅 bullet-train 新幹線|🚲 bike bicycle cycle 自転車|🏍 motorbike motorcycle バイク|🛵 scooter moped|🛹 skateboard skateboarding スケボー スケートボード|🚒 fire-truck fire-engine 消防車|🚚 truck lorry トラック
✈ plane paper-plane airplane aeroplane flight airport 飛行機 空港|🚁 helicopter|🚀 rocket spaceship spacecraft astronaut space-station ロケット 宇宙船|🛸 ufo|🚢 ship boat cruise 船|⛵ sailboat yacht|⚓ anchor|🛗 elevator lift エレベーター|🚪 door doorway doors ドア 扉 自動ドア|🪜 ladder
🏠 house home apartment flat 家 自宅 実家|🏢 office company building 会社 ビル オフィス|🏨 hotel ホテル 旅館|🏥 hospital 病院|🏫 school classroom homework 学校|🏛 museum court courthouse parliament dmv city-hall 博物館 美術館 市役所 裁判所|🏦 bank 銀行|🏪 shop store supermarket convenience-store コンビニ 店 スーパー
⛪ church chapel 教会|⛩ shrine 神社|🛕 temple|🏯 castle お城|🏰 palace kingdom fortress|\ue000 lighthouse 灯台|\ue001 oven stove cooker オーブン かまど|\ue002 washing-machine laundry-machine washer 洗濯機|\ue003 typewriter タイプライター|\ue004 scarecrow かかし 案山子|\ue005 vending-machine 自動販売機 自販機|🗼 tower 塔|🏭 factory 工場|🎡 fair fairground amusement-park 遊園地|🎪 circus サーカス|⛺ tent camp|🏖 beach seaside summer holiday vacation 海 ビーチ 夏 海岸 夏休み|🏝 island 島
🏔 mountain mountains alps everest climber climbers mountaineer 山 登山|🌋 volcano 火山|🌊 sea ocean wave 波|🌲 forest woods tree 森 木|🌵 desert cactus サボテン 砂漠|🌙 moon 月|🌍 earth world planet 地球 世界|⭐ star stars 星|🪐 space universe galaxy saturn 宇宙|☀ sun sunshine sky 太陽 空|☁ cloud clouds 雲|🌧 rain rainy 雨|❄ snow winter 雪 冬|⚡ lightning electricity thunder 雷 電気|🔥 fire flame 火 炎|🌈 rainbow 虹|🌳 park 公園|♨ hot-spring onsen spa 温泉|🌃 city town night 街 町 都会 夜|🌉 bridge 橋|🚉 platform station subway 駅
📱 phone smartphone mobile cellphone iphone app スマホ 携帯 電話|💻 laptop computer pc website online internet code software zoom パソコン|🖨 printer コピー機|⌨ keyboard space-bar|📺 tv television telly テレビ|📷 camera カメラ|🎥 movie film cinema 映画|🎤 microphone karaoke singer カラオケ 歌|🎧 headphones dj|🎸 guitar band concert concerts rock-concert rock-concerts rock-band rock-music rock-song rock-festival rock-opera rock-star rock-stars ギター バンド コンサート|🎹 piano ピアノ|🎻 violin|🥁 drums|🎺 trumpet|🎵 song music tune 音楽 曲|📻 radio ラジオ
⏰ alarm-clock alarm clock time 目覚まし 目覚まし時計 時計 monday mondays morning 月曜日|⌚ watch|⏳ hourglass minutes|📅 calendar date deadline カレンダー|💡 idea lamp light bulb 電球|🔦 torch flashlight|🕯 candle|🔑 key keys 鍵 カギ|🔒 lock padlock|📦 box parcel package delivery crate 箱 荷物|✉ letter envelope mail post 手紙 封筒|💌 love-letter ラブレター|📜 scroll contract treaty 契約書|📄 document form paper papers file résumé resume 書類 用紙|📋 list to-do-list checklist リスト|🧾 receipt bill invoice レシート|📝 note memo exam test メモ 試験|📰 newspaper news headline 新聞 ニュース|📖 book novel dictionary 本 小説|📚 books library studying 図書館 勉強|✏ pencil|🖊 pen ペン|🖼 painting picture portrait art 絵|🎨 paint painter artist|🪪 passport licence license badge タイムカード|🎫 ticket チケット 切符|💳 card|💰 money cash gold fortune 金 お金 給料|💎 diamond jewel 宝石|🪙 coin coins|💍 ring engagement proposal 指輪 プロポーズ|💒 wedding marriage 結婚 結婚式|💐 bouquet flowers flower 花 花束|🌹 rose 薔薇|🎁 present gift プレゼント|🎈 balloon 風船|🎉 party celebration パーティー|🎆 firework fireworks 花火 花火大会|🏆 trophy award prize 賞|🥊 boxer boxing-glove boxing ボクサー|🔔 bell bells 鐘|⚽ football soccer ball ボール|🎾 tennis|⚾ baseball|🏀 basketball|🎳 bowling|🎲 dice|🃏 cards|🧩 puzzle|🎮 game videogame ゲーム|🪑 chair furniture 椅子 家具|🛋 sofa couch ソファ|🛏 bed bedroom sleep ベッド 布団|🚽 toilet bathroom トイレ|🚿 shower|🛁 bath bathtub お風呂 風呂|🧹 broom cleaning housework 掃除|🧺 laundry washing 洗濯|🧦 sock socks 靴下 くつした|👟 shoe shoes sneaker trainers 靴|👗 dress ドレス|👖 trousers pants jeans ズボン|👔 tie suit ネクタイ|👕 shirt t-shirt シャツ|🧥 coat jacket コート|🎩 hat top-hat 帽子|👑 crown king queen mayor emperor cleopatra 王 女王 王様|👓 glasses spectacles 眼鏡 メガネ|🕶 sunglasses|🎒 backpack|🧳 suitcase luggage スーツケース|👜 handbag purse|☂ umbrella 傘|🔧 wrench spanner|🔨 hammer ハンマー|🪚 saw|🧲 magnet|🧪 experiment chemistry potion 実験|🔬 microscope science|🔭 telescope galileo 望遠鏡|💊 pill medicine drug 薬|💉 injection vaccine 注射|🩸 blood 血|🩺 doctor 医者|🦷 tooth teeth dentist 歯 歯医者|🧠 brain mind memory 脳 記憶|🦴 bone|⚰ coffin funeral 棺 葬式 お葬式|🪦 grave cemetery tombstone tomb 墓 お墓 墓参り|💣 bomb|🗡 sword swordsman samurai 刀 武士 侍 サムライ|🛡 shield knight 騎士|🏹 bow arrow archer|⚔ duel|🏴‍ pirate|☠ pirate 海賊|🗺 map treasure 地図|🧭 compass|🔮 crystal-ball fortune-teller future prophecy 占い師 占い 未来|🪄 magic-wand magic 魔法|🎭 theatre theater play drama opera musical オペラ mime romeo juliet 劇 芝居|⚖ justice judge lawyer law 裁判 裁判官 弁護士|👮 police cop officer policeman 警察 警官|🕵 detective spy 探偵 スパイ|🚨 siren emergency|🦸 superhero hero ヒーロー|💔 heartbreak breakup ex divorce 失恋 元カノ 元カレ 離婚|❤ heart love romance valentine 恋 愛 恋愛|💋 kiss キス|🌱 seed plant sprout 植物|🪴 houseplant potted-plant 観葉植物|🍀 luck clover|🧶 wool knitting|🪡 needle|💇 haircut hairdresser|💈 barber 床屋|💄 makeup lipstick|💅 manicure|🖋 tattoo|🗣 spanish language english grammar 英語 言葉|➗ maths math mathematics arithmetic 数学|⚛ atom quantum physics 量子 量子力学 物理|🧬 dna genes|🦠 virus germ bacteria|🛒 shopping trolley 買い物|🧻 toilet-paper|🗑 bin trash rubbish garbage ゴミ|🔌 plug charger|🔋 battery 電池|🪞 mirror 鏡|🪟 window 窓|🧱 brick wall 壁|🪨 rock stone 石|🥁 drum|😀 emoji emojis 絵文字|🎣 fishing|⛽ petrol gas|🚦 traffic-light|💼 job interview briefcase career overtime boss manager ceo intern 仕事 残業 面接 社長 上司|🧑‍ waiter|🛎 reception waiter receptionist butler ウェイター|🍳 chef cook シェフ 料理人|💤 dream nap sleeping 夢 昼寝|🏃 marathon runner|🏊 swimming|⛷ skiing|🎿 ski|🫧 bubbles|🥧 pie|🔊 noise loudspeaker|💸 price prices tax 値段 税金|🤝 deal handshake|✂ scissors はさみ|🪓 axe|⛏ mine|🎻 orchestra|📞 call telephone 電話
"""
WORDS: dict[str, str] = {
    word.replace("-", " "): entry.split()[0][0]
    for entry in _TABLE.replace("\n", "|").split("|")
    if entry.strip() and len(entry.split()[0]) == 1
    for word in entry.split()[1:]
}
"""Emoji by word; words of English are in the singular where that is regular."""

_ABSTRACT = """
📉 debt loss failure decline inflation recession mistake 失敗 損 不況|📈 success growth progress promotion career 成功 成長 昇進 出世|🤝 deal agreement promise apology friendship partnership 約束 友情 謝罪 契約 仲直り
📜 rule rules tradition history past 規則 ルール 伝統 歴史 過去|🤫 secret silence 秘密 沈黙 内緒|🎭 lie lies truth honesty drama pretence 嘘 ウソ 真実 本音|🧩 problem trouble puzzle mystery 問題 悩み 謎
🗣 advice counselling 相談 人生相談 word words accent grammar opinion rumour gossip joke story 言葉 訛り 文法 噂 冗談 話|⏳ patience waiting delay deadline retirement 我慢 待ち時間 遅刻 締め切り 老後|🔮 fate destiny prediction 運命 予言|🎲 chance risk fortune 運 偶然 賭け
🏦 mortgage loan savings ローン 借金 貯金|💸 rent cost price insurance 家賃 値段 保険|🎯 plan goal ambition purpose 計画 目標 夢中|🧠 memory thought mind intelligence 思い出 記憶力 考え 知恵
🌱 childhood youth 青春 子供時代|🕊 freedom peace 自由 平和|🔥 anger jealousy rage passion 怒り 嫉妬 情熱|🌪 chaos panic confusion 大騒ぎ|🪤 trap temptation 罠 誘惑|🥇 victory win pride 勝利 自慢
🏊 swimming swimming-school swimmer pool プール 水泳 スイミング スイミングスクール|🛁 bathhouse public-bath 銭湯 風呂 お風呂|📝 homework 宿題|👥 meeting team 会議 打ち合わせ|🚗 traffic 渋滞|⛅ weather 天気|🧘 diet calm yoga ダイエット
"""
ABSTRACT: dict[str, str] = {
    word.replace("-", " "): entry.split()[0]
    for entry in _ABSTRACT.replace("\n", "|").split("|")
    if entry.strip()
    for word in entry.split()[1:]
}
"""Emoji by word for what cannot be seen itself: good in a thought, and no thing on a table."""

_VAGUE = """
on back end top up soon new free cool ok no id vs ng person man woman men women people boy girl
baby child family mouth eye eyes ear nose foot leg hand tongue link seat label hole dizzy anger
sparkle record fast black white red blue green plus minus information warning memo seal
date number kiss couple dash hot cold mate ring key play cinema restroom wireless cross square
大人 子供 女性 男性 家族 寝る 眠い 疲れた 混乱 恐怖 我慢 悩む顔 口 目 耳 鼻 脚 足 手 波線 指輪 祈り 割り算 掛け算
城 グー リス きゃー わーい 為替 税関 禁煙 警告 無限大 片目 情報 くり なべ サイ カバ はし たこ ページ ハグ 笑顔 びっくり 泡 髪
"""
MISLEADING = frozenset({"old key", *_VAGUE.split()})
"""Official names that say too little, or mean something else in a sentence."""

IDIOMS = re.compile(
    r"\bpiece of cake|\bon (?:my|your|his|her|their|our) plate|\btrain of thought|\brings? (?:a|any|no) bells?|\bcall it a (?:day|night)|"
    r"\bcats and dogs|\b(?:million|thousand|billion) (?:dollars|bucks)|\bbreak a leg|\btime flies|\bpoint taken|\bkeys? to (?!the\b)|"
    r"\b(?:at|every|all|last|by|good|that|this|one|the whole|the other|first|opening) night|\bin the light of|\bin light of|\blight of my|"
    r"\bby (?:car|train|bus|bike|phone|hand|heart|boat|plane)|\b(?:on|under|catch(?:es)?) fire|\bin (?:the )?cards?|\bthrows? in the towel|"
    r"\bin (?:his|her|my|your|their) shoes|\bby the book|\boff the hook|\bspill(?:ed|s)? the beans|\belephant in the room|\bwhite elephant|"
    r"\bbig fish|\blet the cat out|\bin a box\b|\bat the end of the (?:day|tunnel)|\bface the music|\bring(?:s|ing)? true|\bice-? ?break\w*|"
    r"\bbreaks? the ice|\bin hot water|\bhit(?:s|ting)? the (?:road|hay|sack|books)|\bon thin ice|\bcup of tea\b(?=[.!?,])|\bapple of|"
    r"\bbank (?:accounts?|balance|holiday)|\b(?:warning|wake-?up|curtain|close|mating) call|\bcomes? clean|\bunder the weather|\bover the moon|\bonce in a blue moon|\bin the bag|\bon the house|\bfull house|\bopen book|"
    r"\bo['’]clock|\bfair enough|\btakes? up (?:more |less |too much |no )?space|\bthumbs[- ]up|\b(?:do|does|doing|did) the wave|\bdivide\b|"
    r"花より団子|山ほど|絵に描いた餅|猫の手|朝飯前|朝めし前|太鼓判|鍵を握|お茶を濁|お茶の子|油を売|水の泡|棚から|本気|本当|本日|本人|日本|山場|星の数|雲をつかむ|雷を落と"
)
"""Fixed phrases, whose things are none."""
NEEDS_ARTICLE = frozenset(
    "home work school bed church prison town sea fire call sleep night sky".split()
)
"""Things only where something stands before them: "the bed", and not "go to bed"."""

TRADES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"\blighthouse keepers?|灯台守", "lighthouse"), (r"\bbeekeepers?|養蜂家", "bee"), (r"\bflorists?|花屋", "flowers"),
        (r"\btailors?|\bseamstress|仕立屋", "scissors"), (r"\blibrarians?|司書", "books"), (r"\bfisher(?:man|men|woman)|\banglers?|漁師", "fishing"),
        (r"\bplumbers?|配管工", "wrench"), (r"\bbakers?|パン職人", "bread"), (r"\bgardeners?|庭師", "plant"), (r"\bsailors?|船乗り", "anchor"),
        (r"\bcarpenters?|大工", "hammer"), (r"\bjanitors?|\bcleaners?|掃除", "broom"), (r"\bphotographers?|写真家", "camera"),
        (r"\bastronomers?|天文学者", "telescope"), (r"\bmagicians?|マジシャン", "top hat"), (r"\bpostm[ae]n|\bmail(?:m[ae]n| carriers?)|郵便屋", "envelope"),
        (r"\bchefs?|\bcooks?(?= (?:who|that|in|and))|料理人|シェフ", "frying pan"), (r"\bbaristas?|バリスタ", "coffee"), (r"\bfirefighters?|\bfirem[ae]n|消防士", "fire extinguisher"),
        (r"\bwatchmakers?|時計職人", "watch"), (r"\bgrocers?|八百屋", "vegetables"), (r"\bdentists?|歯医者", "tooth"), (r"\bbarbers?|床屋", "barber"),
        (r"\blaundromats?|コインランドリー", "washing machine"), (r"書道", "brush"), (r"番台", "bathtub"),
    )
)  # fmt: skip
"""What somebody works with, or what a place is known by: it shows who he is."""
