"""How servers release the card and take it back: one dialect a family of servers.

    dialect       sleep                                   wake                            unload
    vllm          POST /sleep?level=N                     POST /wake_up (level 2: reload) –
    vllm-omni     POST /v1/omni/sleep                     POST /v1/omni/wakeup, /resume   –
    sglang        POST /release_memory_occupation         POST /resume_memory_occupation  –
    storyboard    POST /sleep                             POST /wake                      –
    ollama        –                                       POST /api/generate              keep_alive 0
    llama-server  –                                       POST /models/load               POST /models/unload
    comfyui       –                                       –  (loads by itself)            POST /free

Sources: the servers' own code and documentation as of vLLM 0.33, vLLM-Omni 0.30, SGLang
0.5.23. A server that says it woke is believed when it has answered sensibly (`canary`).

Knows: addresses and bodies. Does not know: memory, processes, when to release.
"""

from __future__ import annotations

from functools import cache
from typing import Any, cast

import httpx
from pydantic import TypeAdapter, ValidationError

from renderers.errors import Unavailable
from renderers.loose import list_of, record_of
from storyboard.gpu.peaks import Reported
from storyboard.profile import Service

_MOVE_S = 180.0
"""Seconds a server may take to move its weights between card and host memory."""
_REPORTED = TypeAdapter(Reported)


@cache
def _client() -> httpx.Client:
    """One client: each brings TLS tables that take 20 ms to load. These servers are near, so
    no proxy is asked; no connection is kept, because servers are killed under it."""
    return httpx.Client(trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


def sleep(service: Service) -> None:
    """Put the server to sleep: its process stays, its weights leave the card.

    Raises:
        Unavailable: it does not answer, or refuses.
    """
    root = service.root_url
    if service.dialect == "vllm":
        post(f"{root}/sleep", params={"level": str(service.sleep_level)})
    elif service.dialect == "vllm-omni":
        # Its own default level is 2; it is always stated, so that both ends agree.
        _omni(service, "sleep", {"level": service.sleep_level})
    elif service.dialect == "sglang":
        post(f"{root}/release_memory_occupation", json={})
    elif service.dialect == "storyboard":
        post(f"{root}/sleep")
    else:
        raise Unavailable(f"a server of dialect '{service.dialect}' cannot sleep")


def wake(service: Service) -> None:
    """Undo `sleep` or `unload`. Does not check that the server answers sensibly: see `canary`.

    Raises:
        Unavailable: it does not answer, or refuses.
    """
    root, model = service.root_url, service.model
    if service.dialect == "vllm":
        if service.sleep_level == 2:
            # Level 2 dropped the weights: room for them first, then the weights, then the cache.
            post(f"{root}/wake_up", params={"tags": "weights"})
            post(f"{root}/collective_rpc", json={"method": "reload_weights"})
            post(f"{root}/wake_up", params={"tags": "kv_cache"})
        else:
            post(f"{root}/wake_up")
    elif service.dialect == "vllm-omni":
        _omni(service, "wakeup", {})
        # Its autoregressive stages stay paused until they are told to go on, by an endpoint of
        # vLLM's development mode; without it every wake would end in a canary that waits.
        try:
            post(f"{root}/resume")
        except Unavailable as error:
            raise Unavailable(
                f"{error}. A stage stays paused after it woke: start the server with "
                "VLLM_SERVER_DEV_MODE=1 (services.…env in the profile)"
            ) from None
    elif service.dialect == "sglang":
        post(f"{root}/resume_memory_occupation", json={})
    elif service.dialect == "storyboard":
        post(f"{root}/wake")
    elif service.dialect == "ollama":
        post(f"{root}/api/generate", json={"model": model, "keep_alive": -1})
    elif service.dialect == "llama-server":
        post(f"{root}/models/load", json={"model": model})


def unload(service: Service) -> None:
    """Drop the model, keep the process.

    Raises:
        Unavailable: it does not answer, or refuses.
    """
    root, model = service.root_url, service.model
    if service.dialect == "ollama":
        post(f"{root}/api/generate", json={"model": model, "keep_alive": 0})
    elif service.dialect == "llama-server":
        post(f"{root}/models/unload", json={"model": model})
    elif service.dialect == "comfyui":
        post(f"{root}/free", json={"unload_models": True, "free_memory": True})
    else:
        raise Unavailable(f"a server of dialect '{service.dialect}' cannot unload")


def asleep(service: Service) -> bool | None:
    """Whether a running server says that it sleeps or holds no model; None if it cannot say."""
    root = service.root_url
    try:
        if service.dialect == "vllm":
            told = _get(f"{root}/is_sleeping").get("is_sleeping")
            return told if isinstance(told, bool) else None
        if service.dialect == "ollama":
            models = cast(list[dict[str, Any]], _get(f"{root}/api/ps").get("models", []))
            return _tagged(service.model) not in {m.get("name") for m in models}
        if service.dialect == "storyboard":
            return _get(service.health).get("state") == "asleep"
    except Unavailable:
        return None
    return None


def healthy(service: Service, timeout_s: float = 2.0) -> bool:
    """Whether the health address answers with success now."""
    try:
        return _client().get(service.health, timeout=timeout_s).is_success
    except httpx.HTTPError:
        return False


def lacking(service: Service) -> str:
    """What a server that runs says it still needs to work; "" where it is ready, or cannot say."""
    told = _health(service)
    if told.get("ready") is not False:
        return ""
    return str(told.get("missing") or "it does not say what it waits for")


def reported(service: Service) -> Reported | None:
    """What the server says of its own memory; None for one that says nothing of it."""
    memory = _health(service).get("memory")
    if not isinstance(memory, dict) or "peaks_gib" not in memory:
        return None
    try:
        return _REPORTED.validate_python(memory)
    except ValidationError:
        return None


def _health(service: Service) -> dict[str, Any]:
    try:
        return _get(service.health, timeout=2.0)
    except Unavailable:
        return {}


def _omni(service: Service, what: str, more: dict[str, Any]) -> None:
    """Move every stage of vLLM-Omni's pipeline; what some releases tell in a 200 is a refusal too.

    Raises:
        Unavailable: it does not answer, or a stage did not follow.
    """
    url = f"{service.root_url}/v1/omni/{what}"
    told = post(url, json={"stage_ids": service.stage_ids, **more})
    for fields in map(record_of, list_of(told.get("acks"))):
        if str(fields.get("status", "")).upper() == "ERROR":
            stage, why = fields.get("stage_id"), fields.get("error_msg") or "no reason given"
            raise Unavailable(f"{url}: stage {stage} did not follow: {why}")


def _tagged(model: str) -> str:
    """A model as Ollama lists it: with a tag."""
    return model if ":" in model.rpartition("/")[2] else f"{model}:latest"


def post(
    url: str,
    *,
    params: dict[str, str] | None = None,
    json: dict[str, Any] | None = None,
    timeout: float = _MOVE_S,
) -> dict[str, Any]:
    """The JSON object that a server near by answers with.

    Raises:
        Unavailable: it does not answer, or refuses.
    """
    return _told("POST", url, timeout, params=params, json=json)


def _get(url: str, timeout: float = 10.0) -> dict[str, Any]:
    return _told("GET", url, timeout)


def _told(method: str, url: str, timeout: float, **sent: Any) -> dict[str, Any]:
    """The JSON object of a reply; {} for an empty or other one (vLLM answers with nothing)."""
    try:
        response = _client().request(method, url, timeout=timeout, **sent)
    except httpx.HTTPError as error:
        raise Unavailable(f"{url} does not answer: {error or type(error).__name__}") from None
    if not response.is_success:
        raise Unavailable(f"{url} refused: {response.status_code} {response.text[:200]}")
    try:
        return record_of(response.json())
    except ValueError:
        return {}
