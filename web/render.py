"""Templates: one file per page, rendered whole or one block of it (jinja2-fragments)."""

import hashlib
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import uuid_utils
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block
from starlette.requests import Request
from starlette.responses import HTMLResponse

from domain.people import CASE_ROLES, DUTY_DESK, Role
from settings.model import PROJECT
from web.catalogue import category_label
from web.i18n import N_
from web.reader import reader_of
from web.security import Viewer, session_of
from web.words import COMMAND_KEYS

Given = Mapping[str, object]
NOTHING: Given = {}
FOLDER = Path(__file__).parent
PACKAGES = PROJECT / "node_modules"
VENDOR = {
    "vendor/htmx.min.js": PACKAGES / "htmx.org/dist/htmx.min.js",
    "vendor/pico.min.css": PACKAGES / "@picocss/pico/css/pico.min.css",
    "vendor/maplibre.js": PACKAGES / "maplibre-gl/dist/maplibre-gl-csp.js",
    "vendor/maplibre-worker.js": PACKAGES / "maplibre-gl/dist/maplibre-gl-csp-worker.js",
    "vendor/maplibre.css": PACKAGES / "maplibre-gl/dist/maplibre-gl.css",
    "vendor/leaflet.js": PACKAGES / "leaflet/dist/leaflet.js",
    "vendor/leaflet.css": PACKAGES / "leaflet/dist/leaflet.css",
    "vendor/editor.js": PROJECT / "build/web/editor.js",  # setup/bootstrap.py bundles assets/editor/
    "vendor/echarts.js": PACKAGES / "echarts/dist/echarts.common.min.js",
}
JUDGES = frozenset({Role.ACCEPTOR, Role.DUTY_OFFICER})
NAVIGATION: tuple[tuple[str, str, frozenset[Role]], ...] = (
    ("/m", N_("我的待办"), CASE_ROLES),
    ("/console/alarms", N_("告警研判"), JUDGES),
    ("/console/intake", N_("受理"), JUDGES),
    ("/console/dispatch", N_("派遣"), frozenset({Role.DISPATCHER, Role.DUTY_OFFICER, Role.SUPERVISOR})),
    ("/console/approvals", N_("审批"), frozenset({Role.DUTY_OFFICER, Role.SUPERVISOR})),
    ("/console/cases", N_("案件"), CASE_ROLES),
    ("/console/map", N_("地图"), CASE_ROLES),
    ("/board", N_("大屏"), DUTY_DESK),
    ("/console/roster", N_("值班表"), DUTY_DESK | {Role.SYSTEM_ADMIN}),
    ("/console/handover", N_("交接班"), DUTY_DESK),
    ("/console/inspect", N_("核查"), frozenset({Role.INSPECTOR})),
    ("/console/rulesets", N_("规则"), frozenset({Role.RULE_AUTHOR, Role.SUPERVISOR, Role.DUTY_OFFICER})),
    ("/console/catalogue", N_("类别与权责"), frozenset({Role.SYSTEM_ADMIN, Role.RULE_AUTHOR})),
    ("/console/devices", N_("设备"), frozenset({Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN})),
    ("/console/quarantine", N_("隔离区"), frozenset({Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN})),
    ("/console/places/qr", N_("位置二维码"), frozenset({Role.DEVICE_MANAGER, Role.SYSTEM_ADMIN, Role.COMMITTEE})),
)


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        asset=asset, new_id=lambda: str(uuid_utils.uuid7()), with_query=with_query, command_keys=COMMAND_KEYS
    )
    return made


@cache
def assets() -> dict[str, bytes]:
    """Everything that is served as a file: our style (tokens, then every page's), our script, the packages used.

    A script in `assets/apart/` and a package's is loaded only by the pages that name it.
    """
    styles = [FOLDER / "assets" / "tokens.css", *sorted(FOLDER.glob("assets/parts/*.css"))]
    pages = sorted(FOLDER.glob("*/**/page.css"))
    own = {
        "linli.css": b"\n".join(path.read_bytes() for path in (*styles, *pages)),
        "linli.js": b"\n".join(path.read_bytes() for path in sorted(FOLDER.glob("assets/*.js"))),
        "icon.svg": (FOLDER / "assets" / "icon.svg").read_bytes(),
    }
    apart = {path.name: path.read_bytes() for path in FOLDER.glob("assets/apart/*.js")}
    return own | apart | {name: path.read_bytes() for name, path in VENDOR.items()}


@cache
def asset(name: str) -> str:
    """The address of an asset; it changes when the content does, so browsers may keep it for ever."""
    return f"/assets/{name}?v={hashlib.sha256(assets()[name]).hexdigest()[:12]}"


def with_query(path: str, given: dict[str, Any], **changed: Any) -> str:
    """An address with its filters in the query, some of them changed; empty ones are left out."""
    kept = {key: value for key, value in (given | changed).items() if value not in (None, "", False)}
    return f"{path}?{urlencode(kept)}" if kept else path


def _context(request: Request, given: Given) -> dict[str, Any]:
    reader = reader_of(request)
    session = session_of(request)
    viewer = Viewer(session) if session else None
    mine = [entry for entry in NAVIGATION if viewer and viewer.has(*entry[2])]
    return {
        "_": reader.say,
        "reader": reader,
        "label": reader.label,
        "category": partial(category_label, language=reader.language),
        "viewer": viewer,
        "navigation": mine,
        "path": request.url.path,
        "htmx": is_htmx(request),
        **given,
    }


def page(request: Request, template: str, context: Given = NOTHING, *, status: int = 200) -> HTMLResponse:
    """The whole page."""
    html = environment().get_template(template).render(_context(request, context))
    return HTMLResponse(html, status)


def fragment(
    request: Request, template: str, block: str, context: Given = NOTHING, *, status: int = 200
) -> HTMLResponse:
    """One block of a page, for htmx."""
    return HTMLResponse(render_block(environment(), template, block, _context(request, context)), status)


def is_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"
