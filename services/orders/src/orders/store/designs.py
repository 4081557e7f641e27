"""Orders' own copy of released design versions."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, func, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from orders.domain.designs import CharacteristicRule, DesignVersion, LicenceTerms, Parameter
from orders.domain.money import Money
from orders.store.tables import design_versions, licences

_COLUMNS = """
select id, design_id, slug, number, title, rights_holder_id, cast(content as text), withdrawn_at, withdrawn_why
from design_versions
"""
_FIND = text(
    _COLUMNS
    + """
where (design_id = :design_id or slug = :slug)
    and (cast(:number as integer) is null or number = :number) and (cast(:id as varchar) is null or id = :id)
order by withdrawn_at is not null, number desc limit 1
"""
)
_BY_ID = text(_COLUMNS + "where id = :id")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """When and why a version was taken back."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A version as the catalogue lists it now."""

    version: DesignVersion
    withdrawn: Withdrawn | None = None


def is_id(text: str) -> bool:
    """Whether `text` is written like an id, and so no slug."""
    return _UUID.fullmatch(text) is not None


async def keep(version: DesignVersion, session: AsyncSession) -> None:
    """Store a version; one that is announced again may have a new rights-holder, slug or title."""
    row = {
        "id": version.id,
        "design_id": version.design_id,
        "slug": version.slug,
        "number": version.number,
        "title": version.title,
        "rights_holder_id": version.rights_holder_id,
        "content": json.loads(content_json(version)),
    }
    changing = {name: row[name] for name in ("slug", "title", "rights_holder_id")}
    statement = upsert(design_versions).values(**row).on_conflict_do_update(index_elements=["id"], set_=changing)
    await session.execute(statement)
    await session.execute(
        update(licences)
        .where(licences.c.design_id == version.design_id, licences.c.rights_holder_id != version.rights_holder_id)
        .values(rights_holder_id=version.rights_holder_id)
    )


async def withdraw(version_id: str, withdrawn: Withdrawn, session: AsyncSession) -> bool:
    """Mark a version as withdrawn; False where it is not known."""
    done = await session.execute(
        update(design_versions)
        .where(design_versions.c.id == version_id)
        .values(
            withdrawn_at=func.coalesce(design_versions.c.withdrawn_at, withdrawn.at),
            withdrawn_why=func.coalesce(design_versions.c.withdrawn_why, withdrawn.why),
        )
        .returning(design_versions.c.id)
    )
    return done.first() is not None


async def find(session: AsyncSession, design: str, version: int | str | None = None) -> Listed | None:
    """A version of a design (slug or id), by number or id; without either the newest that is not withdrawn, where
    all are withdrawn the newest. None where there is no such design or version.
    """
    wanted = {
        "design_id": design.lower() if is_id(design) else None,
        "slug": None if is_id(design) else design,
        "number": version if isinstance(version, int) else None,
        "id": version.lower() if isinstance(version, str) else None,
    }
    row = (await session.execute(_FIND, wanted)).first()
    return None if row is None else _listed(row)


async def numbers(session: AsyncSession, design: str) -> list[int]:
    """The numbers of all versions of a design; empty where there is no such design."""
    chosen = select(design_versions.c.number).where(_of_design(design)).order_by(design_versions.c.number)
    return list((await session.execute(chosen)).scalars())


def _of_design(design: str) -> ColumnElement[bool]:
    if is_id(design):
        return design_versions.c.design_id == design.lower()
    return design_versions.c.slug == design


async def version(session: AsyncSession, version_id: str) -> Listed | None:
    """One version, or None."""
    row = (await session.execute(_BY_ID, {"id": version_id})).first()
    return None if row is None else _listed(row)


def _listed(row: Any) -> Listed:
    withdrawn = Withdrawn(row.withdrawn_at, row.withdrawn_why or "") if row.withdrawn_at is not None else None
    return Listed(version_of(row), withdrawn)


def content_json(version: DesignVersion) -> str:
    """What never changes of a version, as it is kept."""
    fee = version.licence.fee
    content = {
        "materials": version.materials,
        "parameters": [asdict(parameter) for parameter in version.parameters],
        "characteristics": [asdict(rule) for rule in version.characteristics],
        "licence": {
            "kind": version.licence.kind,
            "fee": None if fee is None else [str(fee.amount), fee.currency],
            "territory": version.licence.territory,
        },
    }
    return json.dumps(content, ensure_ascii=False)


def version_of(row: Any) -> DesignVersion:
    """A row as a version."""
    return replace(
        _content(row.content),
        id=row.id,
        design_id=row.design_id,
        slug=row.slug,
        number=row.number,
        title=row.title,
        rights_holder_id=row.rights_holder_id,
    )


@lru_cache(maxsize=512)
def _content(text: str) -> DesignVersion:
    """What never changes of a version, out of its JSON: read again and again for the designs in demand."""
    content = json.loads(text)
    licence = content["licence"]
    fee = None if licence["fee"] is None else Money(Decimal(licence["fee"][0]), licence["fee"][1])
    parameters = (Parameter(**{**each, "choices": tuple(each["choices"])}) for each in content["parameters"])
    rules = (CharacteristicRule(**{**each, "at": tuple(each["at"])}) for each in content["characteristics"])
    return DesignVersion(
        id="",
        design_id="",
        slug="",
        number=0,
        title="",
        rights_holder_id="",
        materials=tuple(content["materials"]),
        parameters=tuple(parameters),
        characteristics=tuple(rules),
        licence=LicenceTerms(licence["kind"], fee, licence["territory"]),
    )
