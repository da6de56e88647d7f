"""Places that films are sent to, one file a place.

A target sends one parcel and takes notes while it does, so that what was broken off goes on from
there: a film is sent once, whatever happens on the way.
"""

from __future__ import annotations

from storyboard.profile.publish_targets import Publishing
from storyboard.publish.targets.target import Target


def target_of(place: Publishing) -> Target:
    """The target of a place; loaded here, since each has libraries of its own."""
    match place.target:
        case "youtube":
            from storyboard.publish.targets.youtube import YouTube

            return YouTube(place)
        case "upload-post":
            from storyboard.publish.targets.upload_post import UploadPost

            return UploadPost(place)
        case "folder":
            from storyboard.publish.targets.folder import Folder

            return Folder(place)
