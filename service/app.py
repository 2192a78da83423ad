"""The application: `create_app(settings)`; nothing happens at import."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig

from service import health, metrics
from service.accounts import administration, openid
from service.accounts import pages as accounts
from service.audit import pages as audit
from service.errors import install_problem_handlers
from service.geocoding import pages as geocoding_pages
from service.geocoding import routes as geocoding
from service.geocoding.places import open_places
from service.history import pages as history_pages
from service.history import routes as history
from service.imports import pages as imports
from service.middleware import install_middleware
from service.ogc import (
    api,
    collections,
    items,
    landing,
    schemas,
    styles,
    tile_documents,
    tiles,
)
from service.openapi import documented
from service.query import only_known_parameters
from service.review import pages as review
from service.settings import Settings
from service.state import open_service
from service.statistics import routes as statistics
from service.web import pages, reference

API_ROUTERS = (
    health.router,
    metrics.router,
    landing.router,
    api.router,
    collections.router,
    schemas.router,
    tile_documents.router,
    styles.router,
    statistics.router,
    geocoding.router,
    history.router,
)
PAGE_ROUTERS = (
    pages.router,
    reference.router,
    accounts.router,
    openid.router,
    administration.router,
    audit.router,
    geocoding_pages.router,
    review.router,
    history_pages.router,
    imports.router,
)


UNTRACED: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""To look for somebody who listens would cost a tenth of a short answer; `/metrics` is ours."""


def create_app(settings: Settings) -> FastAPI:
    """The web application on a migrated, loaded database.

    Args:
        settings: `database_url` must be set.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_service(settings) as service:
            app.state.service = service
            app.state.places = await to_thread.run_sync(open_places, settings.gazetteer)
            yield

    app = FastAPI(
        title="ZGC-GIS",
        summary="中关村示范区地理信息系统",
        version="0.1.0",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=UNTRACED,
    )
    install_problem_handlers(app)
    install_middleware(app, settings)
    openid.install_provider(app, settings)
    for route in (*items.ROUTES, *tiles.ROUTES):
        app.router.routes.append(route)
    for router in API_ROUTERS:
        app.include_router(router, dependencies=[Depends(only_known_parameters)])
    for router in PAGE_ROUTERS:
        app.include_router(router)
    documented(app, items.operations(), tiles.path_items())
    return app
