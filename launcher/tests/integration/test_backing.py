"""Servers of somebody else's in place of our own."""

from pathlib import Path

import asyncpg
import nats
import pytest

from launcher.backing import broker, database
from launcher.errors import SettingsError
from launcher.folder import DataFolder
from launcher.nats import EmbeddedNats
from launcher.postgres import EmbeddedPostgres

pytestmark = pytest.mark.integration


async def test_databases_are_made_on_the_server_that_is_given(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres.superuser_url)
    given = database(DataFolder(tmp_path / "data"), 1)
    assert given.part is None
    assert given.url == postgres.superuser_url
    connection = await asyncpg.connect(given.create("orders"))
    assert await connection.fetchval("select current_user") == "orders"
    await connection.close()


async def test_a_role_that_may_make_databases_is_enough(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    superuser = await asyncpg.connect(postgres.superuser_url)
    await superuser.execute("create role admin login createdb createrole password 'p w/ä'")
    await superuser.close()
    host = postgres.superuser_url.rpartition("@")[2]
    monkeypatch.setenv("DATABASE_URL", f"postgresql://admin:p%20w%2F%C3%A4@{host}")
    given = database(DataFolder(tmp_path / "data"), 1)
    url = given.create("orders")
    assert given.create("orders") == url
    connection = await asyncpg.connect(url)
    await connection.execute("create table own (n int)")
    await connection.close()


@pytest.mark.parametrize("url", ["mysql://a@b/c", "not a url", "postgresql://"])
def test_a_url_that_is_none_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(SettingsError):
        database(DataFolder(tmp_path / "data"), 1)


async def test_the_broker_that_is_given_serves_all_with_one_file(
    nats_server: EmbeddedNats, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FABMESH_NATS_URL", nats_server.url)
    monkeypatch.setenv("FABMESH_NATS_CREDS", str(nats_server.creds("launcher")))
    folder = DataFolder(tmp_path / "data")
    with pytest.raises(SettingsError, match="FABMESH_HUB_SIGNING_SEED and FABMESH_HUBS_ACCOUNT"):
        broker(folder, 1)
    monkeypatch.setenv("FABMESH_HUB_SIGNING_SEED", nats_server.hub_signing_seed)
    monkeypatch.setenv("FABMESH_HUBS_ACCOUNT", nats_server.hubs_account)
    given = broker(folder, 1)
    assert given.part is None
    assert given.creds("orders") == given.creds("catalog") == nats_server.creds("launcher")
    client = await nats.connect(given.url, user_credentials=str(given.creds("orders")))
    await client.close()


def test_without_either_both_are_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("FABMESH_NATS_URL", raising=False)
    folder = DataFolder(tmp_path / "data")
    own_database, own_broker = database(folder, 7001), broker(folder, 7002)
    assert own_database.part is not None
    assert own_broker.part is not None
    assert (own_database.part.port, own_broker.part.port) == (7001, 7002)
    assert own_broker.creds("orders") != own_broker.creds("catalog")
