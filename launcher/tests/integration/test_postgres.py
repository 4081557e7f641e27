import asyncio
import stat
from pathlib import Path

import asyncpg
import pytest

from launcher.databases import Databases
from launcher.errors import SettingsError, StartError
from launcher.postgres import EmbeddedPostgres
from launcher.testing import start_postgres

pytestmark = pytest.mark.integration


async def execute(url: str, *statements: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(url)
    try:
        rows = []
        for statement in statements:
            rows = await connection.fetch(statement)
        return rows
    finally:
        await connection.close()


async def test_rows_survive_a_kill_and_an_orderly_stop(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("orders")
    await execute(url, "create table kept (word text)", "insert into kept values ('committed')")
    for end in (postgres.kill, postgres.stop):
        end()
        assert not postgres.ready
        postgres.start()
        assert [row["word"] for row in await execute(url, "select word from kept")] == ["committed"]


async def test_a_role_reaches_its_own_database_alone(postgres: EmbeddedPostgres) -> None:
    orders, catalog = postgres.create_database("orders"), postgres.create_database("catalog")
    assert (await execute(catalog, "select current_user as who"))[0]["who"] == "catalog"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await execute(orders.removesuffix("orders") + "catalog", "select 1")


async def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("orders")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await execute(url.replace("orders:", "orders:x"), "select 1")


async def test_making_a_database_again_keeps_it(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("orders")
    await execute(url, "create table kept (word text)")
    assert postgres.create_database("orders") == url
    assert await execute(url, "select word from kept") == []


async def test_lost_passwords_are_set_anew(postgres: EmbeddedPostgres, tmp_path: Path) -> None:
    old = postgres.create_database("orders")
    new = Databases(postgres.superuser_url, tmp_path / "elsewhere.json").create("orders")
    assert (await execute(new, "select current_user as who"))[0]["who"] == "orders"
    with pytest.raises(asyncpg.InvalidPasswordError):
        await execute(old, "select 1")


@pytest.mark.parametrize("name", ["", "Orders", "a;b", "a'b", "1st", "a" * 64])
def test_a_name_that_cannot_name_a_database_is_refused(postgres: EmbeddedPostgres, name: str) -> None:
    with pytest.raises(SettingsError):
        postgres.create_database(name)


async def test_two_servers_side_by_side(tmp_path: Path) -> None:
    with start_postgres(tmp_path / "one") as one, start_postgres(tmp_path / "two") as two:
        assert one.port != two.port
        await execute(one.create_database("orders"), "create table only_here (n int)")
        with pytest.raises(asyncpg.UndefinedTableError):
            await execute(two.create_database("orders"), "select * from only_here")


def test_the_port_and_the_passwords_are_kept(tmp_path: Path) -> None:
    with start_postgres(tmp_path / "one") as server:
        before = (server.superuser_url, server.create_database("orders"))
    with start_postgres(tmp_path / "one") as server:
        assert (server.superuser_url, server.create_database("orders")) == before


def test_a_second_server_on_one_folder_is_refused(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(StartError):
        EmbeddedPostgres(postgres.data_dir, port=postgres.port + 1).start()
    assert postgres.ready


def test_a_lock_that_names_a_strangers_process_does_not_stop_it(postgres: EmbeddedPostgres) -> None:
    postgres.kill()
    lock = postgres.data_dir / "cluster" / "postmaster.pid"
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join(["1", *lines[1:]]) + "\n")
    postgres.start()
    assert postgres.ready


def test_an_interrupted_first_start_is_made_good(tmp_path: Path) -> None:
    half = tmp_path / "postgres" / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with start_postgres(tmp_path / "postgres") as server:
        assert server.ready


def test_secrets_are_for_their_owner_alone(postgres: EmbeddedPostgres) -> None:
    postgres.create_database("orders")
    secret = postgres.data_dir / "secrets" / "postgres.json"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(secret.parent.stat().st_mode) == 0o700


async def test_databases_are_made_side_by_side(postgres: EmbeddedPostgres) -> None:
    databases = postgres.databases
    names = ["catalog", "orders", "routing", "quality", "fabrication"]
    urls = await asyncio.gather(*(asyncio.to_thread(databases.create, name) for name in names))
    for name, url in zip(names, urls, strict=True):
        assert (await execute(url, "select current_user as who"))[0]["who"] == name
