"""The web process: pages, API and HTTP intake; reads and renders, and gives commands to Temporal."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

from fastapi import FastAPI

from activities.giving import reach
from settings import Settings
from store.batching import BatchingIntake
from store.evidence import EvidenceStore
from store.intake import StoreIntake
from store.pool import pool
from web import handlers
from web.catalogue import kept_current
from web.live import Hub, watching
from web.pages import listed, routers
from web.security.headers import SecurityHeaders
from web.security.limits import BodyLimits
from web.services import Services
from web.workbench import Workbench


def create_app(settings: Settings) -> FastAPI:
    """The application. It starts and reads while Temporal is down, and waits for Postgres.

    Raises UndeclaredRoute where a route does not say what it needs.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        live = Hub()
        async with (
            pool(settings.database_url, sees_nothing=True) as connections,
            reach(settings) as reached,
            watching(live, settings.database_url, connections),
            kept_current(connections),
            aclosing(Workbench()) as workbench,
        ):
            app.state.services = Services(
                settings=settings,
                pool=connections,
                reach=reached,
                evidence=EvidenceStore(settings.evidence_folder),
                intake=BatchingIntake(StoreIntake(reached.pool)),
                live=live,
                workbench=workbench,
            )
            yield

    app = FastAPI(
        title="Linli",
        version="1",
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request names
    )
    found = list(routers())
    listed(found)
    for router in found:
        app.include_router(router)
    handlers.install(app)
    app.add_middleware(BodyLimits)
    app.add_middleware(SecurityHeaders)
    return app
