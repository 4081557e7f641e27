"""What a child process inherits."""

import os
from collections.abc import Mapping

# Addresses and secrets that are meant for the launcher, or for one part alone.
_OURS = {
    "DATABASE_URL",
    "FABMESH_ADMIN_KEY",
    "FABMESH_CAD_ENVIRONMENT",
    "FABMESH_DATABASE_URL",
    "FABMESH_HUBS_ACCOUNT",
    "FABMESH_HUB_SIGNING_SEED",
    "FABMESH_NATS_CREDS",
    "FABMESH_NATS_URL",
}


def inherited(**additions: str) -> Mapping[str, str]:
    """The launcher's environment without what is not for everybody, and with `additions`."""
    kept = {name: value for name, value in os.environ.items() if name not in _OURS}
    return kept | {"PYTHONUNBUFFERED": "1"} | additions
