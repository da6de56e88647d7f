"""Words on the picture: captions, title, and the fonts that they are set in."""
