"""`python -m storyboard`, the same as the console script `storyboard`."""

from storyboard.cli import main

main()
