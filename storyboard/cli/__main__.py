"""`python -m storyboard.cli`, the console script without its installation."""

from storyboard.cli import main

main()
