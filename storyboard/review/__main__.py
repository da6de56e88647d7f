"""`python -m storyboard.review`."""

from storyboard.cli.review import main

if __name__ == "__main__":
    main()
