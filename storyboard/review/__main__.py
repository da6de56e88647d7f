"""`python -m storyboard.review`."""

from storyboard.review.cli import main

if __name__ == "__main__":
    main()
