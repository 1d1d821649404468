# SPDX-License-Identifier: Apache-2.0
"""The web shell: the application object, what every template may use, health pages and static files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import Response, g, jsonify, request, url_for
from jinja2 import StrictUndefined
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from app.platform.problems import validation_problem
from app.platform.security import Access, access
from app.platform.settings import Settings
from app.platform.tagged import FOREVER
from mcla import __version__

HERE = Path(__file__).parent


class Application(APIFlask):
    """The library's, told once and for all that no view and no hook is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def new_app(settings: Settings, form_secret: bytes) -> APIFlask:
    """An application with the shell's templates, static files and API document settings, and no routes of any noun."""
    app = Application(
        "mcla",
        title="MCLA",
        version=__version__,
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        static_folder=str(HERE / "static"),
        template_folder=str(HERE / "templates"),
    )
    app.secret_key = form_secret
    # The router's own redirect for doubled slashes is absolute and made of the Host header: it could lead anywhere.
    app.url_map.merge_slashes = False
    app.config.update(
        MCLA_ORIGIN=settings.origin,
        OPENAPI_VERSION="3.1.0",
        SERVERS=[{"url": settings.origin}],
        VALIDATION_ERROR_DESCRIPTION="The request does not fit its schema",
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        JSON_SORT_KEYS=False,
        TRUSTED_HOSTS=None,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.error_processor(validation_problem)
    _shell(app, settings)
    _metrics(app)
    return app


def _shell(app: APIFlask, settings: Settings) -> None:
    versions: dict[str, str] = {}

    def asset(name: str) -> str:
        """The address of a static file, with its modification time so that it can be cached for ever."""
        if name not in versions:
            versions[name] = format((HERE / "static" / name).stat().st_mtime_ns, "x")
        return url_for("static", filename=name, v=versions[name])

    @app.context_processor
    def shell() -> dict[str, Any]:
        return {
            "actor": g.get("actor"),
            "origin": settings.origin,
            "demo": settings.demo,
            "asset": asset,
            "service_version": __version__,
        }

    @app.after_request
    def cache_static(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            response.headers["Cache-Control"] = FOREVER if "v" in request.args else "public, max-age=300"
        return response


def _metrics(app: APIFlask) -> None:
    registry = app.extensions["mcla_metrics"] = CollectorRegistry()
    answers = Counter("mcla_http_responses", "Answers by route and status", ["route", "status"], registry=registry)

    @app.after_request
    def count(response: Response) -> Response:
        # The rule, not the path: paths hold identifiers and would grow without end.
        rule = request.url_rule.rule if request.url_rule else "none"
        answers.labels(rule, str(response.status_code)).inc()
        return response

    @app.get("/metrics")
    @app.doc(hide=True)
    @access(Access.PUBLIC)
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class Gauges:
    """Figures that are the same in every process, asked for when somebody reads the metrics.

    `read` gives name -> (meaning, state -> figure), or raises for what is away: then there are none.
    """

    def __init__(self, read: Callable[[], Mapping[str, tuple[str, Mapping[str, float]]]]) -> None:
        self._read = read

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing is asked before the first reader comes."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = self._read()
        except SQLAlchemyError:
            return
        for name, (meaning, figures) in found.items():
            family = GaugeMetricFamily(name, meaning, labels=["state"])
            for state, figure in figures.items():
                family.add_metric([state], figure)
            yield family


def add_gauges(app: APIFlask, read: Callable[[], Mapping[str, tuple[str, Mapping[str, float]]]]) -> None:
    """Show these figures in `/metrics` too."""
    app.extensions["mcla_metrics"].register(Gauges(read))


def add_health(app: APIFlask, ready: Callable[[], dict[str, bool]]) -> None:
    """`/healthz`: the process answers; `/readyz`: every named part works, else 503."""

    @app.get("/healthz")
    @app.doc(hide=True)
    @access(Access.PUBLIC)
    def healthz() -> Response:
        return jsonify(status="ok", version=__version__)

    @app.get("/readyz")
    @app.doc(hide=True)
    @access(Access.PUBLIC)
    def readyz() -> tuple[Response, int]:
        parts = ready()
        return jsonify(ready=all(parts.values()), parts=parts), 200 if all(parts.values()) else 503
