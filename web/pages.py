"""Pages are folders: every `routes` module below the sections is one, found by looking."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

import web
from web.security import Needs

SECTIONS = ("public", "api", "console", "mobile", "board")
FOR_ALL_PAGES = ("live",)  # what pages of every section listen to


class UndeclaredRoute(Exception):
    """A route that does not say what it needs is never served."""


def routers() -> Iterator[APIRouter]:
    for section in SECTIONS:
        folder = importlib.import_module(f"{web.__name__}.{section}")
        for found in sorted(pkgutil.iter_modules(folder.__path__), key=lambda page: page.name):
            if found.ispkg:
                page = importlib.import_module(f"{folder.__name__}.{found.name}.routes")
                yield page.router
    for name in FOR_ALL_PAGES:
        yield importlib.import_module(f"{web.__name__}.{name}.routes").router


def needed(route: BaseRoute) -> tuple[str, ...]:
    """What the route declares. Raises UndeclaredRoute."""
    declared = [one.dependency for one in getattr(route, "dependencies", ()) if isinstance(one.dependency, Needs)]
    if len(declared) != 1 or not declared[0].words:
        raise UndeclaredRoute(getattr(route, "path", repr(route)))
    return declared[0].words


def listed(found: Iterator[APIRouter] | list[APIRouter]) -> list[dict[str, Any]]:
    """Every route: path, methods, what it needs."""
    routes = [route for router in found for route in router.routes]
    items = [
        {"path": route.path, "methods": sorted(route.methods or ()), "needs": list(needed(route))}
        for route in routes
        if isinstance(route, APIRoute)
    ]
    if len(items) != len(routes):
        raise UndeclaredRoute("only plain routes are pages")
    return sorted(items, key=lambda item: (item["path"], item["methods"]))
