"""A Fountain script of about ten pages: a locksmith, a door that will not let go, four scenes."""

from __future__ import annotations

TEN_PAGES = """\
Title: The Door That Stayed
Credit: written by
Author: A Test
Draft date: today

= A locksmith meets a door with opinions.

# Act One

INT. APARTMENT HALLWAY - NIGHT #1#

A narrow hallway with one weak lamp. A red door stands shut. It has
stood shut since noon, and by the look of the dents around its lock,
it has not been for lack of trying.

NORA (40s, locksmith, grey overalls) kneels before it with a torch
between her teeth. Her tools lie around her in a half circle, in the
order in which they have failed.

TOM (30s, bathrobe, one slipper) watches from the stairs. He holds a
cold cup of tea and the other slipper.

NORA
(tired)
I have opened bank vaults.

TOM
And this is a bathroom door.

NORA
It is a *very* proud bathroom door.

She tries the thinnest pick. It comes back bent into a small hook, as
if somebody had taken it from her on the other side, and thought
about it.

Tom comes down two steps to see it better. He is the kind of man who
reads instructions after the fire, and he looks at the small hook in
her hand as if there might be a page about it somewhere in the flat,
most likely behind the red door.

TOM
(confused)
Did it just bend your pick?

NORA
It bent my pick, it took my pencil, and now it is humming. I do not like it when they hum. Locks are not supposed to have a favourite song.

Both of them listen. From inside the door, very low, comes a tune.
It is a slow waltz, and it is a little out of key.

THE DOOR (V.O.)
I know three songs.

TOM
(shocked)
It talks!

NORA
(deadpan)
They all talk, after midnight.

/* An older version had a
dog here. It is gone. */

THE DOOR (V.O.)
The dog was better company.

CUT TO:

INT. TOM'S KITCHEN - CONTINUOUS

A small kitchen. Two chairs, one of them with a coat on it. Nora
washes her hands. Tom pours a second tea and forgets to drink it as
well.

TOM
How long has it been able to do that?

NORA
Since somebody slammed it.
(beat)
Who slammed it?

Tom looks at the floor, then at the slipper, then at the ceiling, and
then, because nothing else is left in the room, at her.

TOM
(embarrassed)
There was a disagreement.

NORA
With whom?

TOM
With the door, I suppose.

[[Check whether he should lie here.]]

NORA
(suspicious)
What did you say to it?

He turns the cup around by its handle, once, twice, until the chip in
its rim faces the wall. Nora waits. She has waited for safes that were
shut in other centuries, and none of them ever had such an ear. The
kettle, which is not on, gives a small and sympathetic cough.

TOM
I said that it was only a door.

Silence. Far away, in the hallway, something clicks shut that had not
been open before. The lamp over the table goes out, and comes back.

NORA
(to the hallway)
He did not mean it!

THE DOOR (O.S.)
He did!

TOM
(afraid)
I did, a little.

# Act Two

EXT. GARDEN BEHIND THE HOUSE - NIGHT

Rain. Tom holds a ladder against the wall below a lit bathroom
window. Nora is half way up, with a bag on her back, and a face that
says she charges double for ladders.

NORA
Hold it steady.

TOM
I am holding it with everything I have.

Water runs down the wall, over the ladder, and into both of his
sleeves. Somewhere behind the hedge a dog is walked by somebody who
stops, looks up, sees the ladder, the bathrobe and the lit window, and
walks on a good deal faster than before.

NORA
(annoyed)
You are holding it with one hand.

TOM
The other one has my slipper.

She climbs. The window above her closes by itself, without any haste,
the way somebody closes a book. Then the curtain is drawn.

NORA
It locked the window.

TOM
Doors can do that?

NORA
They have friends.

THE WINDOW (O.S.)
(proud)
We went to the same carpenter.

The ladder shakes. Tom lets go of the slipper at last and grabs it
with both hands. The slipper floats away along the gutter, and is not
seen again.

For a while nobody says anything. The rain has a lot to say and says
all of it twice, first on the roof of the shed, then on Nora's hat. A
light goes on in the house next door, and goes off again, since the
house next door has decided that this is not its business.

TOM
(sad)
That was a gift.

NORA
(softly)
From whom?

TOM
From the one who picked the door.

Nora comes down, one rung after the other. They stand in the rain.
She takes off her hat and pours the water out of it.

NORA
Then it is not angry about the slam.

TOM
What is it, then?

NORA
It misses her. Doors remember every hand that ever opened them, you know, and yours was never the one that it waited for in the evening.

DISSOLVE TO:

INT. APARTMENT HALLWAY - LATER

Both sit on the floor before the door with their backs to it, wet
through. Between them stands the cold cup of tea. The lamp hums along
with the waltz.

TOM
She is not coming back.

THE DOOR (V.O.)
(sad)
I know.

The waltz stops in the middle of a bar. Somewhere in the wall a pipe
knocks, three times, the way somebody knocks who would rather not be
let in. Tom pulls his knees up to his chin. His one slipper has left a
trail of wet half moons all the way along the hallway.

TOM
You could have said so.

THE DOOR (V.O.)
You could have asked me!

He turns around. For the first time he puts his palm flat on the
wood, where the paint is worn. Nora looks away, and counts her tools
again although she knows how many there are.

TOM
(gently)
I am sorry that I called you only a door.

THE DOOR (V.O.)
...

NORA
(in awe)
Nobody has ever done that.

TOM
Done what?

NORA
Apologised to the hardware.

A click. Another one. The whole lock turns, slowly, like an old man
who gets up from a chair, and the door opens by the width of a hand.

THE DOOR (V.O.)
(firmly)
One condition.

TOM
Anything!

THE DOOR (V.O.)
Paint me. Blue this time, if you please, and not with the cheap brush that loses its hair. I have been red for eleven years, and nobody ever asked whether I felt red.

NORA
(laughing)
What colour does the window want?

THE WINDOW (O.S.)
We are fine, thank you.

# Act Two and a Half

INT. HARDWARE SHOP - MORNING

Shelves up to the ceiling. Every drawer has a label in the same tiny
hand. Behind the counter a CLERK (60s, brown apron) sorts screws by
the sound that they make when they fall.

Tom is still wet. Nora lays the bent pick on the counter, the way one
lays down a card.

CLERK
(without looking up)
A red door, I take it.

TOM
How do you know that?

CLERK
The blue ones do not bend them. They apologise.

He drops a screw, listens to it, and puts it back into a drawer that
is already full of others just like it.

NORA
We need a pencil, a pick, and a reason.

CLERK
The first two are down the second aisle.

TOM
(hopeful)
And the reason?

CLERK
Out of stock since the spring. People keep buying them for one another and then they leave them on the bus.

Nora laughs. Tom does not. He takes a tin from the shelf and turns it
in his hands. On its lid, a stripe of blue.

TOM
What does this colour cost?

CLERK
That depends on what you did.

TOM
I slammed it.

The clerk takes off his glasses and cleans them on the brown apron,
which makes them worse. He has heard this answer before. He has heard
it from dentists and from bus drivers, and once from a whole choir,
who had done it together, at the end of a rehearsal.

CLERK
(disgusted)
Double, then.

A bell rings, although nobody has come in. The shop door swings a
little on its hinge, and sighs.

CLERK
(proudly)
She only does that for guests she likes.

Nora tips her hat to it. The shop door, for the space of one breath,
stands perfectly straight.

INT. STAIRWELL - EVENING

Grey steps. Five floors of closed doors look down at Tom, who carries
the tin with both arms. On the third landing a neighbour blocks his
way with a broom.

MRS. OKAFOR (70s, curlers, a broom) has waited for exactly this since
she moved in, and has rehearsed it.

MRS. OKAFOR
(angrily)
Was that you, with the waltz, at three in the morning, for the second week in a row?

TOM
That was my bathroom.

MRS. OKAFOR
Your bathroom is out of key!

TOM
(nervously)
It is under some pressure.

She lowers the broom. She looks at the tin, then at the blue on his
thumb, and her face does something that it has not done for years.

On the wall beside her hangs a row of small brass plates, polished
until the names have nearly gone. She rubs one of them with her sleeve
while she thinks, as she does every evening, and it is plain to see
which of them has been rubbed the most.

MRS. OKAFOR
(gently)
My husband painted ours.

TOM
Did it help?

MRS. OKAFOR
It hums in his voice now. I slam it once a week, on Sundays, so that it has something to complain about.

Behind her a green door hums one single note, and stops, as if it had
been caught at it.

MRS. OKAFOR
(laughing)
Go on, then. Paint!

He goes on. One after the other, on every floor, the doors that he
passes open by the width of an eye, and watch him go by.

TOM
(to all of them)
Good evening.

All the doors close at once, very softly, and very much pleased with
themselves.

INT. APARTMENT HALLWAY - NIGHT

Tom spreads newspaper over the tiles, one sheet at a time. He reads
every page before he lays it down, since it is easier to read about
floods and elections than to begin. The door waits. From time to time
it clears its throat, which is to say its hinge, and he turns a page
faster.

He stirs the paint with the handle of a spoon. It is exactly the blue
of the stripe on the lid, and of the sky in the one photograph that
still hangs beside the mirror: two people on a pier, both squinting,
neither of them looking at the camera, a paper boat between them.

The first stroke goes from the top left corner to the lock. The wood
drinks it. Tom waits for a word, but none comes, so he dips the brush
again and draws the second one beside it, a little slower, and then
the third, and finds that he is humming.

The lamp over the stairs burns low. Nora has come back for her hat.
She sees him through the banister, and the half of a blue door, and
hears two voices in one waltz, very nearly in the same key. She sits
down on the step without a sound and leaves the hat where it is.

Once the telephone rings in the flat. He lets it. It rings until the
voice of a woman, cheerful and eleven years younger, tells whoever it
is that there is nobody at home. The brush stops. The door does not
breathe. Then both of them go on, he with the hinges, and it with the
second of the three songs, the one that it never hums for guests.

When the lamp gives up at last, he paints by the light of the screen
on which he had meant to look up how one does it. There is a bubble in
the corner of every panel, and a hair in one of them, and his thumb in
the paint above the lock, where for as long as there is this house it
will be found by whoever comes home late and feels for the keyhole.

Dawn finds the tin empty, and all three of them asleep: one on the
newspaper, one on the stairs, and one, for the first time in eleven
years, standing ajar.

# Act Three

INT. APARTMENT HALLWAY - MORNING

Sun. The door is blue, and still wet. Tom has blue on his bathrobe,
on his nose, and on both of his new slippers. Nora writes a bill on
her knee.

TOM
What do I owe you?

NORA
I did not open anything.

She licks the tip of the new pencil, which writes a good deal better
than the old one, and for that reason is not hers yet. The sun has got
as far as the third stair. On every landing above them, doors that are
usually shut at this hour stand a little open, to let it in.

TOM
You told me what it was.

NORA
Then it is the price of one pencil. It still has mine.

The letter slot of the door opens. A pencil comes out, point first,
chewed a little at its end. She takes it, and bows.

THE DOOR (V.O.)
(happily)
It wrote badly anyway.

.THE STREET OUTSIDE - DAY

Nora walks to her van. Her telephone rings before she can put the bag
down. She looks at the number as one looks at weather.

NORA
(wearily)
Locksmith. What is it this time?

VOICE (O.S.)
(whimpering)
It is my fridge. It says that it knows what I did.

NORA
Does it hum?

VOICE (O.S.)
It whistles!

@Voice (O.S.)
(excited)
Can it drive?

NORA ^
No!

She looks back at the house. In the window on the first floor a
curtain waves, all by itself. Behind it, very low, a waltz begins.

!TO BE CONTINUED:

> FADE OUT.
"""
