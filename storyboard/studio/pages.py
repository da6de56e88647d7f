"""Pages: templates filled in, in the language of whoever looks.

Knows: Jinja, the interface's texts. Does not know: films, routes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, cast

import jinja2
import yaml
from starlette.requests import Request
from starlette.responses import HTMLResponse

from storyboard.review.markdown import shown

LANGUAGES = {"en": "English", "ja": "日本語"}
_HERE = files("storyboard.studio")
STATIC = _HERE / "static"
SHEETS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".jpg": "image/jpeg",
}
"""What is served of `static`, and as what."""


@cache
def texts(language: str) -> Mapping[str, str]:
    """The interface's words in a language."""
    raw = (_HERE / "texts" / f"{language}.yaml").read_text(encoding="utf-8")
    return cast("dict[str, str]", yaml.safe_load(raw))


@cache
def _terms(language: str) -> Mapping[str, str]:
    """What the words of a plan are called in a language, where not as in the plan."""
    file = _HERE / "texts" / f"terms.{language}.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}


def term(language: str, word: str) -> str:
    """A word of the plan (a shot, an expression, a type of beat) for people."""
    return _terms(language).get(word, word.replace("_", " "))


def language_of(request: Request) -> str:
    """The language that the page is asked for in: a choice made before, or the browser's."""
    if (chosen := request.cookies.get("lang", "")) in LANGUAGES:
        return chosen
    for each in request.headers.get("accept-language", "").split(","):
        if (code := each.strip()[:2].lower()) in LANGUAGES:
            return code
    return "en"


def page(
    request: Request,
    template: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A template as an answer. In it, `t` are the interface's words, and an unknown name is an
    error."""
    language = language_of(request)
    html = (
        _environment()
        .get_template(f"{template}.html.j2")
        .render(
            t=texts(language),
            language=language,
            languages=LANGUAGES,
            csrf=request.state.csrf,
            boot=request.state.boot,
            path=request.url.path,
            static=static_link,
            picture=picture,
            term=partial(term, language),
            **context,
        )
    )
    return HTMLResponse(html, status, dict(headers or {}))


@cache
def static_link(name: str) -> str:
    """The address of a file of ours, another one for each content: it may be kept for ever."""
    return f"/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def picture(name: str) -> str:
    """The address of a picture of ours, or "" where there is none of that name."""
    return static_link(f"{name}.jpg") if (STATIC / f"{name}.jpg").is_file() else ""


def static_file(name: str) -> tuple[Traversable, str] | None:
    """A file of ours and its media type; None where there is none of that name."""
    kind = SHEETS.get(name[name.rfind(".") :] if "." in name else "")
    found = next((each for each in STATIC.iterdir() if each.name == name), None)
    return None if kind is None or found is None else (found, kind)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("storyboard.studio"),
        autoescape=True,
        # A misspelt name in a template must not print as nothing.
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["clock"] = _clock
    environment.filters["brief"] = shown
    return environment


def _clock(seconds: float) -> str:
    """`1:04` for 64.2 seconds."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
