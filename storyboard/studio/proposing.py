"""A patch shown with what it would redo; its page hands the same patch back to have it done.

Knows: proposals. Does not know: which patch, what follows from one (`storyboard.edit`).
"""

from __future__ import annotations

import json

from fastapi import Request
from starlette.responses import Response

from storyboard.batch import jobs
from storyboard.edit import preview
from storyboard.edit.patch import Patch
from storyboard.graph.folder import RunFolder
from storyboard.stages.going_on import request_to_go_on
from storyboard.studio import pages
from storyboard.studio.desk import Studio


def propose(
    request: Request, studio: Studio, folder: RunFolder, patch: Patch, title: str = ""
) -> Response:
    """What a patch changes and redoes; nothing is written."""
    proposal = preview.propose(request_to_go_on(folder), patch, studio.session)
    return shown(request, folder, patch, proposal, title)


def shown(
    request: Request, folder: RunFolder, patch: Patch, proposal: preview.Proposal, title: str
) -> Response:
    operations = [each.model_dump(mode="json", by_alias=True, exclude_unset=True) for each in patch]
    return pages.page(
        request,
        "_proposal",
        where=f"/films/{folder.path.name}/apply",
        proposal=proposal,
        title=title,
        patch=json.dumps(operations, ensure_ascii=False),
        working=jobs.working(folder.path),
    )
