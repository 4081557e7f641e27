"""No endpoint is open by accident: each route asks for a scope, or is marked as public and listed here."""

from __future__ import annotations

import importlib

import pytest
from fastapi.routing import APIRoute

from chassis.auth import SCOPES, Requires
from chassis.http import build

SERVICES = ("catalog", "orders", "routing", "quality", "fabrication")
PUBLIC = {
    ("POST", "/orders/v1/token"),  # the client's key is in the body
    ("GET", "/orders/v1/jwks"),
    ("POST", "/routing/v1/enrolments"),  # the one-time enrolment token is in the body
}


def routes(service: str) -> list[APIRoute]:
    known = importlib.import_module(f"{service}.main").SERVICE
    app = build(known.title, known.routers, limit_bytes=0)
    return [route for route in _walk(app.routes) if isinstance(route, APIRoute)]


def _walk(found):
    for route in found:
        inner = getattr(route, "original_router", None)
        yield from _walk(inner.routes) if inner is not None else [route]


def guards(route: APIRoute) -> list[Requires]:
    return [each.call for each in route.dependant.dependencies if isinstance(each.call, Requires)]


@pytest.mark.parametrize("service", SERVICES)
def test_each_route_asks_for_a_scope_or_is_public_on_purpose(service):
    assert routes(service)
    for route in routes(service):
        for method in route.methods:
            public = getattr(route.endpoint, "__fabmesh_public__", False)
            assert public == ((method, route.path) in PUBLIC), (method, route.path)
            assert public or len(guards(route)) == 1, (method, route.path)


@pytest.mark.parametrize("service", SERVICES)
def test_each_route_stands_under_its_services_name_and_version(service):
    assert all(route.path.startswith(f"/{service}/v1/") for route in routes(service))


def test_no_scope_is_declared_and_never_asked_for():
    asked = {guard.scope for service in SERVICES for route in routes(service) for guard in guards(route)}
    assert asked == set(SCOPES)
