"""A ComfyUI workflow file in API format, and the places in it that change from job to job.

Places are named in one of two ways:

- a node's *title* says what it takes: `storyboard: prompt`, or several,
  `storyboard: width, height, frames`. Which of its inputs is meant follows from the kind.
- or the option `places` maps them: {"prompt": "6.text", "seed": "12.noise_seed"}.

Kinds that come in any number are numbered (`storyboard: image 1`, `storyboard: image 2`). What a
job has none of is taken out of the workflow, with the nodes that cannot do without it: a node
whose output an input of the same type stands in for hands that on, as ComfyUI's own bypass does.

Knows: workflows, what a server says of its nodes. Does not know: HTTP, what a node does.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from renderers.errors import BadRequest
from renderers.loose import list_of, record_of

PREFIX = "storyboard:"
SHIPPED = Path(__file__).with_name("workflows")
Nodes = dict[str, Any]
Places = Mapping[str, list[tuple[str, str]]]
"""Kind → (node, input) pairs."""
Known = Mapping[str, tuple[str, ...]]
"""Kind → names of the input that is meant, the first that the node has. Numbered kinds end in #."""


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow, and its places by kind."""

    nodes: Nodes
    places: Places

    @classmethod
    def read(
        cls, path: str, known: Known, named: Mapping[str, str] | None = None, option: str = ""
    ) -> Workflow:
        """The workflow of a file, or a shipped one by its name. `option` is told in errors.

        Raises:
            BadRequest: no such file, no workflow in API format, a place that is none.
        """
        nodes = _read(path, option)
        return cls(nodes, dict(_places(nodes, named or {}, known, option)))

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.nodes, sort_keys=True).encode()).hexdigest()

    def count(self, kind: str) -> int:
        """How many of a numbered kind it takes."""
        return sum(name.startswith(f"{kind} ") for name in self.places)

    def note(self, kind: str, name: str, otherwise: Any) -> Any:
        """What the workflow's author noted beside the node of a place (`_meta`)."""
        notes = (self.nodes[node].get("_meta", {}) for node, _ in self.places.get(kind, []))
        return next((meta[name] for meta in notes if name in meta), otherwise)

    def filled(
        self, values: Mapping[str, Any], absent: Iterable[str], info: Mapping[str, Any]
    ) -> Nodes:
        """The nodes with these values at their places, and without those of kinds that are absent.

        `info` is what the server says of its nodes; it is read where something is taken out. A
        place that is neither keeps what the file has there.

        Raises:
            BadRequest: it cannot do without something that there is none of.
        """
        filled = copy.deepcopy(self.nodes)
        for kind, value in values.items():
            for node, name in self.places.get(kind, []):
                filled[node]["inputs"][name] = value
        gone = [node for kind in absent for node, _ in self.places.get(kind, [])]
        return without(filled, gone, info) if gone else filled


def without(nodes: Nodes, gone: Iterable[str], info: Mapping[str, Any]) -> Nodes:
    """The nodes without some of them, and without what cannot do without these.

    Raises:
        BadRequest: nothing that saves a result is left.
    """
    saving = {id for id, node in nodes.items() if _of(info, node).get("output_node")}
    waiting = [*gone]
    while waiting:
        id = waiting.pop()
        node = nodes.pop(id, None)
        if node is None:
            continue
        for other, wired in nodes.items():
            for name, wire in list(wired["inputs"].items()):
                if not _is_wire(wire) or str(wire[0]) != id:
                    continue
                if (through := _through(nodes, node, wire[1], info)) is not None:
                    wired["inputs"][name] = through
                elif name.partition(".")[0] in _declared(info, wired, "optional"):
                    del wired["inputs"][name]
                else:
                    waiting.append(other)
    if saving and not saving & nodes.keys():
        raise BadRequest(
            "the workflow cannot do without a picture that this job has none of: name another "
            "workflow for pictures without references"
        )
    return nodes


def _through(nodes: Nodes, node: Mapping[str, Any], slot: int, info: Mapping[str, Any]) -> Any:
    """The wire that stands in for an output of a node that is taken out; None: there is none."""
    outputs: list[Any] = _of(info, node).get("output") or []
    kinds = {**_declared(info, node, "required"), **_declared(info, node, "optional")}
    for name, wire in node["inputs"].items():
        if not _is_wire(wire) or str(wire[0]) not in nodes or slot >= len(outputs):
            continue
        declared = kinds.get(name)
        if isinstance(declared, list) and declared and declared[0] == outputs[slot]:
            return cast("list[Any]", wire)
    return None


def lacks(nodes: Nodes, info: Mapping[str, Any]) -> Iterator[str]:
    """What a server lacks to run these nodes, one line each: a node, or a file that one names."""
    for id, node in nodes.items():
        kind = str(node["class_type"])
        if kind not in info:
            yield f"the node {kind} (node {id}): update ComfyUI, or install what brings it"
            continue
        for name, declared in {
            **_declared(info, node, "required"),
            **_declared(info, node, "optional"),
        }.items():
            value, choices = node["inputs"].get(name), _choices(declared)
            if isinstance(value, str) and choices is not None and value not in choices:
                meta: dict[str, Any] = node.get("_meta") or {}
                where = f": {meta['fetch']} goes into {meta['folder']}" if "fetch" in meta else ""
                yield f"{value} for {kind}.{name} (node {id}){where}"


def renamed(workflow: Nodes) -> bool:
    """Have the nodes that save files save them under new names; False where none says its name."""
    tag, found = uuid.uuid4().hex[:8], False
    for node in workflow.values():
        prefix = node["inputs"].get("filename_prefix")
        if isinstance(prefix, str):
            node["inputs"]["filename_prefix"] = f"{prefix}_{tag}"
            found = True
    return found


# --- reading ----------------------------------------------------------------


def _read(path: str, option: str) -> Nodes:
    shipped = SHIPPED / f"{path}.json"
    file = shipped if re.fullmatch(r"[a-z0-9-]+", path) else Path(path).expanduser()
    if file == shipped and not shipped.is_file():
        names = ", ".join(sorted(each.stem for each in SHIPPED.glob("*.json")))
        raise BadRequest(f"{option}: {path!r} is no shipped workflow ({names}), and no file.json")
    try:
        data: object = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadRequest(f"{option}: {path}: {error.strerror}") from None
    except ValueError as error:
        raise BadRequest(f"{option}: {path} is no JSON: {error}") from None
    nodes = cast("Nodes", data) if isinstance(data, dict) else {}
    if not nodes or not all(map(_is_node, nodes.values())):
        raise BadRequest(
            f"{option}: {path} is not in API format: in ComfyUI, Workflow → Export (API)"
        )
    return nodes


def _is_node(value: object) -> bool:
    node = record_of(value)
    return "class_type" in node and isinstance(node.setdefault("inputs", {}), dict)


def _places(
    nodes: Nodes, named: Mapping[str, str], known: Known, option: str
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Kind → (node, input) pairs, from the titles and from the map."""
    found: dict[str, list[tuple[str, str]]] = {}
    for id, node in nodes.items():
        meta: dict[str, Any] = node.get("_meta") or {}
        title = str(meta.get("title", "")).strip().lower()
        if title.startswith(PREFIX):
            for told in title.removeprefix(PREFIX).split(","):
                kind = " ".join(told.split())
                found.setdefault(kind, []).append((id, _input(id, node, kind, known)))
    for kind, place in named.items():
        id, _, name = place.partition(".")
        if id not in nodes or name not in nodes[id]["inputs"]:
            raise BadRequest(f"{_beside(option)}places.{kind}: the workflow has no input {place}")
        found[kind] = [(id, name)]
    if unknown := sorted(kind for kind in found if _family(kind) not in known):
        there = ", ".join(kind.replace("#", "1…") for kind in known)
        raise BadRequest(f"the workflow asks for {', '.join(unknown)}; there are {there}")
    yield from found.items()


def _family(kind: str) -> str:
    return re.sub(r"(?<= )[1-9]\d?$", "#", kind)


def _beside(option: str) -> str:
    return f"{option.rpartition('.')[0]}."


def _input(id: str, node: Mapping[str, Any], kind: str, known: Known) -> str:
    inputs: Mapping[str, Any] = node["inputs"]
    names = known.get(_family(kind), ())
    for name in names:
        # A list is a wire from another node, which would be cut.
        if name in inputs and not _is_wire(inputs[name]):
            return name
    if not names:
        return ""
    raise BadRequest(
        f"node {id} ({node.get('class_type')}) is titled for {kind}, but has none of the inputs "
        f"{', '.join(names)}; name it in options.places"
    )


# --- what a server says of its nodes ----------------------------------------


def _is_wire(value: object) -> bool:
    return isinstance(value, list)


def _of(info: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    return info.get(str(node["class_type"])) or {}


def _declared(info: Mapping[str, Any], node: Mapping[str, Any], which: str) -> dict[str, Any]:
    """The inputs that a node must have (`required`), or may (`optional`), with their types."""
    inputs: dict[str, Any] = _of(info, node).get("input") or {}
    return inputs.get(which) or {}


def _choices(declared: object) -> list[Any] | None:
    """The values that a choice allows, in either form that servers tell them in."""
    form = list_of(declared)
    listed: object = form[0] if form else None
    if listed == "COMBO" and len(form) > 1:
        listed = record_of(form[1]).get("options")
    return cast("list[Any]", listed) if isinstance(listed, list) else None
