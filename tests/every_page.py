"""Every page, by who looks at it; what answers GET and is none says why.

In braces: the cases of `a_street` by name, a one-time link's `token`.
"""

LIFT = "/310110/kj/c07/n021/b01/"
PAGES = {
    "": (
        "/login",
        "/report",
        "/report?elder=1",
        "/report?elder=0&place=" + LIFT,
        "/f/nothing",
        "/l/nothing",
        "/l/{token}",
    ),
    "c07.wang": ("/m", "/m/cases/{handling}", "/m/cases/{assigned}", "/m/me", "/m/at?place=" + LIFT),
    "grid.fang": ("/m/report", "/m/patrol", "/m/report-for"),
    "accept.wu": ("/console/alarms", "/console/intake", "/console/report", "/reporter/{told}"),
    "dispatch.lin": (
        "/console/dispatch",
        "/console/cases",
        "/console/cases?q=nothing",
        "/console/cases/{waiting}",
        "/console/cases/{assigned}",
        "/console/cases/{closed}",
        "/console/map",
        "/console/nothing",
    ),
    "duty.chen": ("/console/approvals", "/console/roster", "/console/handover"),
    "super.zhou": ("/board",),
    "c07.zhao": ("/console/cases/{assigned}",),
    "inspect.deng": ("/console/inspect", "/console/cases/{inspecting}"),
    "devices.he": (
        "/console",
        "/console/devices",
        "/console/devices?tab=unregistered",
        "/console/quarantine",
        "/console/places/qr",
        "/console/places/qr?place=" + LIFT,
        "/m",
    ),
}
NO_PAGES = {
    "for programs": (
        "/health",
        "/live",
        "/m/report/where",
        "/report/areas.json",
        "/console/map/areas.json",
        "/console/map/cases.json",
        "/console/map/units.json",
    ),
    "files": ("/assets/{name:path}", "/evidence/{evidence_id}", "/f/{token}/photos/{photo}", "/console/places/qr.svg"),
    "lead on to a page": ("/", "/at", "/language/{language}", "/w", "/w/back"),
    "the same page, with this case open": (
        "/console/alarms/{case_id}",
        "/console/intake/{case_id}",
        "/console/dispatch/{case_id}",
        "/console/approvals/{case_id}",
    ),
    "part of a page": (
        "/board/cases",
        "/board/ground",
        "/board/news",
        "/board/numbers",
        "/console/map/cases",
        "/m/patrol/here",
        "/report/nearby",
    ),
}
