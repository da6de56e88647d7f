"""What was tried: pictures that a judge rejected with why, and the cuts of a review side by side.

Knows: verdicts and rounds as they are kept. Does not know: how anything is judged.
"""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.responses import Response

from storyboard.edit.board import open_board
from storyboard.judge.outcome import complaints_about
from storyboard.review.review_history import load_history
from storyboard.studio import pages
from storyboard.studio.board_page import link
from storyboard.studio.desk import Studio
from storyboard.studio.place import NotThere


def add_routes(app: FastAPI, studio: Studio) -> None:
    @app.get("/films/{name}/beats/{index}/tried")
    def tried(request: Request, name: str, index: int) -> Response:
        folder = studio.place.film(name)
        board = open_board(folder.path)
        card = next((each for each in board.cards if each.number == index), None)
        if card is None:
            raise NotThere("the film has no such beat")
        attempts = [
            (each, link(folder, str(each["picture"])), complaints_about(each))
            for each in card.verdicts
        ]
        return pages.page(request, "_tried", index=index, attempts=attempts)

    @app.get("/films/{name}/cuts")
    def cuts(request: Request, name: str) -> Response:
        folder = studio.place.film(name)
        review = load_history(folder.path)
        if review is None or not review.rounds:
            raise NotThere("the film has not been reviewed")
        shown = [
            (
                each,
                link(
                    folder, "final.mp4" if each.number == review.best else f"cuts/{each.name}.mp4"
                ),
            )
            for each in review.rounds
        ]
        return pages.page(request, "_cuts", review=review, cuts=shown)
