"""The artefact store that a setting names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from nats.js import JetStreamContext

from fabrication.store.artefacts import ArtefactStore
from fabrication.store.folder_artefacts import FolderArtefactStore
from fabrication.store.object_artefacts import ObjectStoreArtefacts


def open_artefacts(url: str, js: JetStreamContext, *, max_bytes: int, reserve_bytes: int) -> ArtefactStore:
    """`file:///folder` or `jetstream://bucket`."""
    address = urlsplit(url)
    if address.scheme == "file":
        return FolderArtefactStore(Path(unquote(address.path)), max_bytes=max_bytes, reserve_bytes=reserve_bytes)
    return ObjectStoreArtefacts(js, address.netloc, max_bytes=max_bytes)
