"""Whom a plan names as its author where no model wrote it.

Knows: names that plans on the disk have. Does not know: how anybody writes.
"""

OFFLINE = "offline draft"
SCRIPT = "script"
