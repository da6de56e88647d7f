"""The colours of things that pictographs show: largest area first.

Knows: colours. Does not know: glyphs, words.
"""

from __future__ import annotations

SHADES: dict[str, str] = {
    "r": "#e2503f", "o": "#f08a3c", "y": "#f6c445", "g": "#6fa85a", "d": "#3f7a55",
    "b": "#5aa2e0", "n": "#3c5a94", "s": "#a9d8f0", "p": "#f39bb5", "v": "#9b7fd0",
    "w": "#fffaf0", "k": "#4a4552", "a": "#b9bcc4", "t": "#d9b083", "u": "#8f5f3c",
    "c": "#f7e3b5", "l": "#b4d455", "f": "#f2c29b", "m": "#d94f8a",
}  # fmt: skip
DEFAULT = "wcs"

_TABLE = """
🐧wyo 🐕tcw 🐶tcw 🐩wpp 🐈ocw 🐱ocp 🐭ap 🐁ap 🐀ap 🐹twp 🐰wp 🐇wp 🦊ow 🐻uct 🐼wk 🐨aw 🐯ow 🐅ow 🦁oyt 🐮wpt 🐄wpt 🐂ut 🐃ku
🐷pm 🐖pm 🐽p 🐸gl 🐵utf 🐒utf 🐔wr 🐓wro 🐣yw 🐤yo 🐥yo 🐦ba 🦅uyw 🦆gyu 🦉utc 🦇ka 🐺aw 🐴ut 🐎ut 🦄wpv 🐝ykw 🐛gl 🦋bs 🐌tu
🐞rk 🐜uk 🕷k 🕸w 🐢gl 🐍gl 🦎gl 🐙pm 🦑pw 🦐op 🦞ro 🦀ro 🐡yc 🐠oyw 🐟bsa 🐬bs 🐳bs 🐋bs 🦈aw 🐊gl 🐆yo 🦓wk 🦍ka 🦧ou 🐘as
🦛ap 🦏a 🐪tc 🐫tc 🦒yo 🦘tc 🐑wt 🐏wt 🦙wc 🐐wa 🦌ut 🦃urt 🦚bgv 🦜gry 🦢wo 🦩pw 🕊w 🦝aw 🦨kw 🦡akw 🦫ut 🦦ut 🦥tu 🦔ut 🐉gl 🐲gl
🦖gl 🦕gl 🦭a 🐿ot 🦤a 🪿wo 🐦bs 🦗g 🦟a 🪰k 🪱p 🌵g 🎄gr 🌲d 🌳gu 🌴gu 🌱g 🌿g ☘g 🍀g 🎍g 🍁o 🍂ou 🍄rw 🌾y 💐pyg 🌷rg 🌹rg 🥀rg 🌺pr
🌸pw 🌼wy 🌻yu 🪴gu 🌞y ☀y 🌝y 🌙y ⭐y 🌟y 🌍bg 🌎bg 🌏bg 🪐yo ⚡y 🔥oy 🌈royg ☁w ❄s ⛄wor ☃wor 🌊bs 💧b ☔v 🌂v
🍏l 🍎rg 🍐l 🍊o 🍋y 🍌y 🍉rg 🍇v 🍓rg 🫐n 🍈l 🍒rg 🍑pg 🥭o 🍍yg 🥥uw 🥝gu 🍅rg 🍆vg 🥑gy 🥦g 🥬gl 🥒g 🌶r 🌽yg 🥕og 🧄w 🧅tp 🥔t
🍠v 🥐o 🥯t 🍞ot 🥖o 🥨u 🧀yo 🥚w 🍳wy 🧈y 🥞oty 🧇oy 🥓rp 🥩rw 🍗uo 🍖uw 🌭oty 🍔orgy 🍟yr 🍕yot 🥪ctg 🥙tg 🌮ygr 🌯tg 🥗gl
🥘oy 🍝yr 🍜cry 🍲or 🍛yw 🍣owr 🍱rwg 🥟cw 🍤o 🍙wk 🍚bw 🍘t 🍥wp 🥠yt 🍢ot 🍡pwg 🍧sp 🍨pw 🍦wt 🥧ot 🧁pct 🍰cpr 🎂cpr 🍮yu 🍭mw
🍬mp 🍫ut 🍿wry 🍩pt 🍪tu 🌰u 🥜t 🍯yo 🥛ws 🍼ws ☕wub 🍵gw 🧃ob 🥤rw 🧋tw 🍶wb 🍺yw 🍻yw 🥂yw 🍷rw 🥃yo 🍸sg 🍹oy 🍾gy 🧊s
🥄a 🍴a 🍽aw 🥣bc 🥡wr 🧂wa ⚽w 🏀o 🏈u ⚾w 🎾l 🏐w 🎱k 🏓ru 🏸w 🥊r 🥋w 🛹uk 🛼wr ⛸w 🎿b 🏹u 🎣a 🏆y 🥇yb 🏅yr 🎫yo 🎟yo 🎪rw 🎭wy
🎨tryb 🎬kw 🎤ka 🎧ka 🎼w 🎹kw 🥁rw 🎷y 🎺y 🎸ro 🎻ou 🎲w 🎯rw 🎳w 🎮k 🎰ry 🧩b 🧸to 🪀r 🪁rb 🎈r 🎉yrb 🎊yr 🎁ry 🎀m 🎎r
🚗rsk 🚕ysk 🚙bsk 🚌rsk 🏎rk 🚓ws 🚑wr 🚒rs 🚚ow 🚛ro 🚜gy 🛵rs 🏍rk 🚲ra 🛴ba 🚨r 🚔ws 🚂ka 🚆bs 🚇bs 🚃rs 🚄wb 🚅wb 🚀wrs 🛸as ✈wb 🛩w
🚁rs ⛵wb 🚤rw 🚢rw ⚓n 🚦k 🚏b ⛽r 🗿a 🗽ga 🗼r 🏰arw 🏯wk 🏟a 🎡b 🎢r 🎠p ⛲b 🏖y 🏝yg 🌋uor ⛰a 🏔aw 🗻nw 🏕g ⛺o 🏠rty 🏡rg 🏢as 🏣a 🏥wr
🏦ac 🏨ysr 🏪w 🏫cr 🏬a 🏭a 🏛c ⛪wr 🕌c 🛕o ⛩r 🌃n 🌆v 🌇o 🌉n 🎑n 🏞g 🌁a 🛣a 🛤a 🛗a 🚪u 🪑u 🛋b 🛏bw 🚽w 🚿s 🛁ws 🪒a 🧴w 🧷a 🧹yu
🧺t 🧻w 🪣b 🧼p 🪥bw 🧽y 🧯r 🛒a ⌚k 📱ks 📲ks 💻as ⌨a 🖥as 🖨a 🖱a 💽a 💾b 💿s 📷ka 📸ka 📹ka 🎥k 📞r ☎r 📺ts 📻u 🧭yw ⏰rw ⏱a ⏳yt 🕰u
💡y 🔦k 🕯wy 🪔o 💵g 💴y 💶b 💷p 💸gw 💰y 💳b 💎s ⚖y 🧰r 🔧a 🔨au 🛠a ⛏a 🪚a 🔩a ⚙a 🧲ra 🔫a 💣k 🧨r 🪓ar 🔪au 🗡a ⚔a 🛡br 🚬w ⚰u 🪦a ⚱t
🏺t 🔮v 📿o 💈rwb 🔭ka 🔬a 🕳k 🩹t 🩺k 💊rw 💉s 🩸r 🧬b 🦠g 🧪sg 🌡r 🔑y 🗝y 🖼yb 🪞s 🛍mp 🎀m ✉w 📧w 📨w 💌wr 📦t 📜c 📄w 📃w
📑w 🧾w 📊wrb 📈wr 📉wb 🗒wy 🗓wr 📅wr 📁y 📂y 📰w 📓k 📔t 📒y 📕r 📗g 📘b 📙o 📚rgb 📖wr 🔖r 🔗a 📎a 📐y 📏y ✂r 📌r 📍r 🖊b 🖋k ✒k 🖌u
🖍r 📝wy ✏y 🔍s 🔎s 🔒y 🔓y 🏮r 🎐s 👑y 🎩k 👒c 🧢b 🎓k ⛑r 📣r 📢r 🔔y 🔕a 🎵k 🎶k 👓k 🕶k 🥽s 🥼w 🦺o 👔bs 👕b 👖n 🧣r 🧤b 🧥t 🧦rw 👗m
👘pr 🥻o 🩱b 🩲w 🩳b 👙p 👚p 👛p 👜u 👝t 🎒r 🩴b 👞u 👟wb 🥾u 🥿p 👠r 👡r 👢u 💍ys 💄r 💋r 👄r 🦷w 🦴w 👅p 👂f 👃f 👣f 👁w 👀w 🧠p 🫀r
👶fy 👦f 👧f 👨f 👩f 👴f 👵f 👮fn 🕵ft 💂fr 👷fy 🤴fy 👸fy 👳fw 🤵fk 👰fw 🎅wrf 🤶wrf 🦸frb 🦹fvk 🧙fvw 🧚fpg 🧛fwk 🧜fgb 🧝fg 🧞bs 🧟g 🥷kf 💃fr 🕺fv
👻wp 👽as 👾v 🤖arsy 💩u 🎃og 👹r 👺r 🤡wrb 💀w ☠w 😈v 👿v 😀y 😂y 😍yr 😎yk 😱ys 😭ys 😡r 🥶s 🥵r 🤢g 🤑yg 😴y
❤r 🧡o 💛y 💚g 💙b 💜v 🤎u 🖤k 🤍w 💔r 💕r 💖m 💘m 💝ry 👍y 👎y 👌y ✋y 👋y 🤝y 🙏y 👏y ✊y 💪y 🤳y ✍y 👉y
🪙y 🧋tw 🫖wb 🪜u 🧱r 🪵u 🪨a 🛖tu 🧳r 🪆ry 🪄k 🎻ou 🪕t 🪘t 🪗r 🏴k 🏳w 🚩r 🎌rw 🪂rb 🛶u 🚣b 🧗g 🏄b 🏊s
"""
COLOURS: dict[str, str] = {entry[0]: entry[1:] or DEFAULT for entry in _TABLE.split()}
"""Letters of `SHADES` by emoji."""
