"""What is measured: each job yields rows of the table. Figures of a row come from one run, taken in turn."""

from __future__ import annotations

import gzip
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg2

from tests.e2e.site import execute
from tests.nginx_server import NAME, nginx_server

from .country import Country
from .processes import (
    HOST,
    ROOT,
    Server,
    answers_per_second,
    cpu_per_answer,
    datasette,
    granian,
    paired,
    static_nginx,
)
from .superset import Databases, superset
from .table import Row

GZIP = {"Accept-Encoding": "gzip"}
COLD = {"CCHC_STORED_PAGES": "0"}
# Of so many answers the clock of processes, which ticks a hundred times a second, tells a tenth of a millisecond.
TIMES = 100
PAGE_OF = 50
# What the other programs are asked, in a schema of its own.
STANDINGS = "peers.standings"
NOT_INSTALLED = "not installed (make bench-peers)"


@dataclass(frozen=True)
class Place:
    """An organiser's year on the site, and how many units it ranks."""

    organiser: str
    year: int
    group: str
    units: int

    @property
    def path(self) -> str:
        return f"/{self.organiser}/{self.year}/{self.group}/"


@dataclass(frozen=True)
class Bench:
    country: Country
    folder: Path
    peers: Path

    @cached_property
    def places(self) -> list[Place]:
        """The newest year of each organiser, the one with most units first."""
        rows = self.rows(
            "SELECT o.slug, y.year, g.slug, p.roster_size FROM reports_publication p "
            "JOIN reports_assessmentyear y ON y.current_publication_id = p.id "
            "JOIN districts_organiser o ON o.id = y.organiser_id JOIN reports_group g ON g.id = y.group_id "
            "WHERE y.year = (SELECT max(year) FROM reports_assessmentyear) ORDER BY p.roster_size DESC, o.slug"
        )
        return [Place(*row) for row in rows]

    @cached_property
    def nation(self) -> Place:
        return self.places[0]

    @cached_property
    def province(self) -> Place:
        """The largest of the provinces."""
        return next(place for place in self.places if place.units <= PAGE_OF)

    @cached_property
    def unit_path(self) -> str:
        place = self.province
        [(code,), *_] = self.rows(
            "SELECT u.code FROM reports_standing s JOIN reports_publishedscope c ON c.id = s.scope_id "
            "JOIN reports_publication p ON p.id = c.publication_id "
            "JOIN reports_assessmentyear y ON y.current_publication_id = p.id "
            "JOIN districts_organiser o ON o.id = y.organiser_id JOIN districts_unit u ON u.id = s.unit_id "
            f"WHERE c.kind = 'total' AND o.slug = '{place.organiser}' AND y.year = {place.year} ORDER BY s.rank"
        )
        return f"/{place.organiser}/{place.year}/units/{code}/"

    def rows(self, query: str, database: str = "national") -> list[Any]:
        with psycopg2.connect(self.country.database(database)) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()

    def peer(self, name: str) -> Path:
        """Return where `make bench-peers` puts another program."""
        return self.peers / name / "bin" / name

    def own(self, name: str) -> Path:
        place = self.folder / name
        place.mkdir()
        place.chmod(0o755)
        return place

    def application(self, database: str = "national", workers: int = 2, threads: int = 2, **more: str) -> Any:
        environment = self.country.environment(database, **more)
        return granian(
            environment, self.folder / "application.log", [self.country.postmaster], workers, threads
        )


def warm_pages(bench: Bench) -> Iterator[Row]:
    path = bench.province.path
    # A thread more in a process only waits for the first: nothing here waits for anything else.
    with bench.application(threads=1) as ours:
        _status, headers, body = ours.get(path, **GZIP)
        with static_nginx(bench.own("warm"), {"page": body}) as static:

            def asked(server: Server, at: str, **more: str) -> Callable[[], float]:
                return lambda: answers_per_second(
                    f"http://127.0.0.1:{server.port}{at}", {"Host": HOST, **GZIP, **more}
                )

            fast, reference = paired(asked(ours, path), asked(static, "/page"))
            yield Row(
                "published ranking, warm, from the application itself (two processes)",
                f"nginx, the same {len(body):,} bytes as a static gzip file",
                0.40,
                more_is_better=True,
                value=fast,
                reference=reference,
                unit="answers/s",
            )
            tag = static.get("/page")[1]["ETag"]
            fast, reference = paired(
                asked(ours, path, **{"If-None-Match": headers["ETag"]}),
                asked(static, "/page", **{"If-None-Match": tag}),
            )
            yield Row(
                "304 on a repeat visit",
                "nginx 304",
                0.40,
                more_is_better=True,
                value=fast,
                reference=reference,
                unit="answers/s",
            )


def through_nginx(bench: Bench) -> Iterator[Row]:
    behind = {"ALLOWED_HOSTS": f"{NAME},{HOST}", "BEHIND_PROXY": "1", "HTTPS": "1"}
    path, static = bench.province.path, bench.country.folder / "var" / "static"
    with (
        bench.application(workers=1, **behind) as one,
        bench.application(workers=1, **behind) as other,
        nginx_server(bench.own("front"), static, [one.port, other.port]) as nginx,
    ):
        said = {"Host": NAME, "X-Forwarded-Proto": "https"}
        body = one.get(path, **said, **GZIP)[2]
        (static / "same.html").write_bytes(gzip.decompress(body))
        (static / "same.html.gz").write_bytes(body)
        site = f"https://127.0.0.1:{nginx.https}"

        def asked(at: str) -> Callable[[], float]:
            return lambda: answers_per_second(f"{site}{at}", {"Host": NAME, **GZIP})

        fast, reference = paired(asked(path), asked("/static/same.html"))
        yield Row(
            "the same through deploy/nginx.conf",
            "the same bytes as a static file of that nginx",
            0.85,
            more_is_better=True,
            value=fast,
            reference=reference,
            unit="answers/s",
        )


@dataclass(frozen=True)
class ColdPage:
    """A page, and the rows of the standings that it shows, as the other programs are asked for them."""

    name: str
    path: str
    equal: dict[str, str | int]
    sort: str
    ascending: bool
    limit: int

    @property
    def of_datasette(self) -> str:
        equal = "&".join(f"{name}={value}" for name, value in self.equal.items())
        order = "_sort" if self.ascending else "_sort_desc"
        return f"/national/standings?{equal}&{order}={self.sort}&_size={self.limit}"

    def row(self, of: str, target: float, **more: Any) -> Row:
        return Row(f"CPU of a cold page: {self.name}", of, target, unit="ms", **more)


Compared = Callable[[ColdPage, str, float, Callable[[], float]], Row]


def cold_pages(bench: Bench) -> Iterator[Row]:
    place, nation = bench.province, bench.nation
    code = bench.unit_path.rstrip("/").rpartition("/")[2]

    def ranking_of(place: Place, limit: int, name: str) -> ColdPage:
        equal = {"organiser": place.organiser, "year": place.year, "kind": "total"}
        return ColdPage(name, place.path, equal, "place", True, limit)

    # A unit's ten years in eight areas and in total are a page of a hundred rows in either program.
    of_unit: dict[str, str | int] = {"organiser": place.organiser, "code": code}
    pages = [
        ranking_of(place, place.units, f"province ranking ({place.units})"),
        ranking_of(nation, PAGE_OF, f"national ranking ({nation.units}, page of {PAGE_OF})"),
        ColdPage("unit dashboard", bench.unit_path, of_unit, "year", False, 2 * PAGE_OF),
    ]
    file = bench.folder / "national.db"
    _gather_standings(bench)
    _copy_standings(bench, file)
    with bench.application(workers=1, threads=1, **COLD) as ours:

        def compared(page: ColdPage, of: str, target: float, other: Callable[[], float]) -> Row:
            fast, reference = paired(lambda: cpu_per_answer(ours, page.path, TIMES) * 1000, other)
            return page.row(of, target, value=fast, reference=reference)

        yield from _beside_datasette(bench, pages, file, compared)
        yield from _beside_superset(bench, pages, compared)


def _beside_datasette(bench: Bench, pages: list[ColdPage], file: Path, compared: Compared) -> Iterator[Row]:
    of, target, program = "Datasette's page over the same standings", 0.5, bench.peer("datasette")
    if not program.exists():
        yield from (page.row(of, target, left_out=NOT_INSTALLED) for page in pages)
        return
    with datasette(program, file, bench.folder / "datasette.log") as peer:
        for page in pages:
            yield compared(
                page, of, target, lambda asked=page.of_datasette: cpu_per_answer(peer, asked, TIMES) * 1000
            )


def _beside_superset(bench: Bench, pages: list[ColdPage], compared: Compared) -> Iterator[Row]:
    of, target, program = (
        "Superset's chart data over the same standings, uncached",
        1 / 30,
        bench.peer("superset"),
    )
    if not program.exists():
        yield from (page.row(of, target, left_out=NOT_INSTALLED) for page in pages)
        return
    bench.country.create("superset")
    databases = Databases(
        metadata=bench.country.database("superset"),
        asked=bench.country.database("national"),
        table=STANDINGS,
        postmaster=bench.country.postmaster,
    )
    with superset(program.parent, databases, bench.own("superset")) as peer:
        for page in pages:
            asked = peer.question(page.sort, page.ascending, page.limit, **page.equal)
            if not peer.rows(asked):
                raise SystemExit(f"Superset finds nothing for {page.name}")
            yield compared(
                page,
                of,
                target,
                lambda asked=asked: (
                    cpu_per_answer(peer.server, peer.path, TIMES, asked, **peer.headers) * 1000
                ),
            )


def _gather_standings(bench: Bench) -> None:
    """Write all published standings into one table in PostgreSQL, indexed for what the pages ask."""
    database = bench.country.database("national")
    execute(database, f"CREATE SCHEMA {STANDINGS.partition('.')[0]}")
    execute(
        database,
        f"CREATE TABLE {STANDINGS} AS SELECT o.slug AS organiser, y.year, c.kind, c.key AS area, u.code, "
        "s.unit_name AS unit, s.rank AS place, s.points::float, c.max_points::float, s.points_change::float, "
        "s.rank_change, c.mean::float FROM reports_standing s "
        "JOIN reports_publishedscope c ON c.id = s.scope_id JOIN reports_publication p ON p.id = c.publication_id "
        "JOIN reports_assessmentyear y ON y.current_publication_id = p.id "
        "JOIN districts_organiser o ON o.id = y.organiser_id JOIN districts_unit u ON u.id = s.unit_id",
    )
    execute(database, f"CREATE INDEX ON {STANDINGS} (organiser, year, kind, place)")
    execute(database, f"CREATE INDEX ON {STANDINGS} (organiser, code, year)")
    execute(database, f"ANALYZE {STANDINGS}")


def _copy_standings(bench: Bench, file: Path) -> None:
    """Copy that table into an SQLite file, the only database that Datasette knows."""
    columns = (
        "organiser, year, kind, area, code, unit, place, points, max_points, points_change, rank_change, mean"
    )
    rows = bench.rows(f"SELECT {columns} FROM {STANDINGS}")
    with sqlite3.connect(file) as database:
        database.execute(f"CREATE TABLE standings ({columns})")
        database.executemany(f"INSERT INTO standings VALUES ({','.join('?' * 12)})", rows)
        database.execute("CREATE INDEX by_year ON standings (organiser, year, kind, place)")
        database.execute("CREATE INDEX by_unit ON standings (organiser, code, year)")


def one_or_many(bench: Bench) -> Iterator[Row]:
    """The province of the small database is the first of the large one, with the same figures."""
    place = next(
        Place(*row)
        for row in bench.rows(
            "SELECT o.slug, y.year, g.slug, p.roster_size FROM reports_publication p "
            "JOIN reports_assessmentyear y ON y.current_publication_id = p.id "
            "JOIN districts_organiser o ON o.id = y.organiser_id JOIN reports_group g ON g.id = y.group_id "
            "ORDER BY y.year DESC, p.roster_size, o.slug",
            "one",
        )
    )
    with (
        bench.application("national", 1, 1, **COLD) as many,
        bench.application("one", 1, 1, **COLD) as one,
    ):
        fast, reference = paired(
            lambda: cpu_per_answer(many, place.path, TIMES) * 1000,
            lambda: cpu_per_answer(one, place.path, TIMES) * 1000,
        )
        yield Row(
            f"{len(bench.places)} organisers: a ranking, cold",
            "the same with one organiser",
            1.1,
            value=fast,
            reference=reference,
            unit="ms",
        )


def more_dossiers(bench: Bench) -> Iterator[Row]:
    counted = {
        name: bench.rows("SELECT count(*) FROM reports_dossiercount", name)[0][0]
        for name in ("national", "communes")
    }
    with (
        bench.application("communes", 1, 1, **COLD) as many,
        bench.application("national", 1, 1, **COLD) as few,
    ):
        fast, reference = paired(
            lambda: cpu_per_answer(many, bench.unit_path, TIMES) * 1000,
            lambda: cpu_per_answer(few, bench.unit_path, TIMES) * 1000,
        )
        yield Row(
            f"{counted['communes']:,} dossier rows: a unit dashboard, cold",
            f"the same with {counted['national']:,}",
            1.2,
            value=fast,
            reference=reference,
            unit="ms",
        )


def csv_export(bench: Bench) -> Iterator[Row]:
    nation = bench.nation
    path = f"/data/{nation.organiser}/{nation.year}/{nation.group}/scores.csv"
    [(publication,)] = bench.rows(
        "SELECT y.current_publication_id FROM reports_assessmentyear y "
        "JOIN districts_organiser o ON o.id = y.organiser_id JOIN reports_group g ON g.id = y.group_id "
        f"WHERE o.slug = '{nation.organiser}' AND y.year = {nation.year} AND g.slug = '{nation.group}'"
    )
    copied = (
        "COPY (SELECT u.code, s.unit_id, c.code, c.title, p.state, p.points, p.max_points "
        "FROM reports_publishedscore p JOIN reports_criterion c ON c.id = p.criterion_id "
        "JOIN districts_unit u ON u.id = p.unit_id "
        "JOIN (SELECT DISTINCT unit_id FROM reports_standing) s ON s.unit_id = p.unit_id "
        f"WHERE p.publication_id = {publication} ORDER BY u.sort_key, c.order) TO STDOUT WITH CSV HEADER"
    ).replace("c.order", 'c."order"')
    rows = bench.rows(f"SELECT count(*) FROM reports_publishedscore WHERE publication_id = {publication}")

    def copy() -> float:
        started = time.perf_counter()
        with (
            psycopg2.connect(bench.country.database("national")) as connection,
            connection.cursor() as cursor,
            (bench.folder / "copied.csv").open("w") as output,
        ):
            cursor.copy_expert(copied, output)
        return time.perf_counter() - started

    with bench.application(**COLD) as cold:

        def export() -> float:
            started = time.perf_counter()
            cold.get(path)
            return time.perf_counter() - started

        export()
        first, reference = paired(export, copy)
        yield Row(
            f"a year's scores as CSV ({rows[0][0]:,} rows), first export",
            "COPY TO of the same rows through psycopg2",
            1.5,
            value=first * 1000,
            reference=reference * 1000,
            unit="ms",
        )
    with bench.application() as warm:
        body = warm.get(path, **GZIP)[2]
        with static_nginx(bench.own("csv"), {"file": body}) as static:
            fast, reference = paired(
                lambda: answers_per_second(f"http://127.0.0.1:{warm.port}{path}", {"Host": HOST, **GZIP}),
                lambda: answers_per_second(f"http://127.0.0.1:{static.port}/file", {"Host": HOST, **GZIP}),
            )
            yield Row(
                "the same, again",
                f"nginx, the same gzip file ({len(body):,} bytes)",
                0.4,
                more_is_better=True,
                value=fast,
                reference=reference,
                unit="answers/s",
            )


def imports(bench: Bench) -> Iterator[Row]:
    told = _program(bench, "tests.benchmarks.import_year", "--json")
    yield Row(
        f"XLSX import of a year ({told['cells']:,} cells), checks, preview and audit",
        "calamine + COPY and upsert of the same rows, nothing checked",
        3,
        value=told["import"],
        reference=told["bare"],
        unit="s",
    )


def publication(bench: Bench) -> Iterator[Row]:
    place = bench.province
    told = _program(bench, "tests.benchmarks.import_year", "--json", f"--units={place.units}")
    took = _program(
        bench,
        "tests.benchmarks.publication",
        place.organiser,
        str(place.year),
        CCHC_PUBLIC_URL=f"http://{HOST}",
        CCHC_STORED_PAGES="1",
    )
    yield Row(
        f"publication of a year of {place.units} units, {took['pages']} pages finished by two processes",
        "the import of that year",
        2,
        value=took["seconds"],
        reference=told["import"],
        unit="s",
    )


def _program(bench: Bench, module: str, *words: str, **more: str) -> dict[str, Any]:
    environment = bench.country.environment("national", **more)
    command = [sys.executable, "-m", module, *words]
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def memory(bench: Bench) -> Iterator[Row]:
    environment = bench.country.environment("national")

    def of_worker(server: Server) -> float:
        [worker] = [
            int(pid)
            for task in Path(f"/proc/{server.processes[0]}/task").iterdir()
            for pid in (task / "children").read_text().split()
        ]
        status = Path(f"/proc/{worker}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) / 1024

    with bench.application(workers=1) as ours:
        for path in ("/", bench.province.path, bench.unit_path, f"/{bench.province.organiser}/"):
            ours.get(path, **GZIP)
        value = of_worker(ours)
    with granian(
        environment, bench.folder / "alone.log", [], 1, 2, "tests.benchmarks.apps_alone:application"
    ) as alone:
        alone.get("/")
        reference = of_worker(alone)
    yield Row(
        "memory of a worker that never needed pandas",
        "Django alone with the same apps",
        1.5,
        value=value,
        reference=reference,
        unit="MB",
    )


def weight(bench: Bench) -> Iterator[Row]:
    from playwright.sync_api import sync_playwright

    from .processes import required

    with bench.application() as ours, sync_playwright() as playwright:
        script = next((bench.country.folder / "var" / "static").rglob("chart.umd.min.*.js.gz"))
        table = _hand_made(bench)
        reference = len(gzip.compress(table.encode(), 6)) + script.stat().st_size
        browser = playwright.chromium.launch(
            executable_path=required("chromium"), args=["--no-sandbox", "--disable-quic"]
        )
        page = browser.new_page()
        chrome, sizes = page.context.new_cdp_session(page), []
        chrome.send("Network.enable")
        chrome.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
        page.goto(f"http://127.0.0.1:{ours.port}{bench.province.path}", wait_until="networkidle")
        browser.close()
    yield Row(
        "bytes of a ranking, first visit, compressed",
        "a hand-made page with Chart.js",
        1.6,
        value=sum(sizes) / 1000,
        reference=reference / 1000,
        unit="kB",
    )


def _hand_made(bench: Bench) -> str:
    """The shortest page with the same ranking and a chart of it."""
    place = bench.province
    rows = bench.rows(
        "SELECT s.rank, s.unit_name, s.points, s.points_change, s.rank_change FROM reports_standing s "
        "JOIN reports_publishedscope c ON c.id = s.scope_id JOIN reports_publication p ON p.id = c.publication_id "
        "JOIN reports_assessmentyear y ON y.current_publication_id = p.id "
        "JOIN districts_organiser o ON o.id = y.organiser_id "
        f"WHERE c.kind = 'total' AND o.slug = '{place.organiser}' AND y.year = {place.year} ORDER BY s.rank"
    )
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    style = (
        "body{font:16px sans-serif;max-width:60em;margin:auto}td{padding:.3em;border-bottom:1px solid #ccc}"
    )
    chart = "new Chart(c,{type:'bar',data:{labels:l,datasets:[{data:d}]}})"
    data = f"l={json.dumps([row[1] for row in rows])};d={json.dumps([float(row[2]) for row in rows])}"
    return (
        f"<!doctype html><meta charset=utf-8><title>{place.organiser} {place.year}</title><style>{style}</style>"
        f"<h1>{place.organiser} {place.year}</h1><table>{cells}</table><canvas id=c></canvas>"
        f"<script src=chart.js></script><script>{data};{chart}</script>"
    )


JOBS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "warm": warm_pages,
    "nginx": through_nginx,
    "cold": cold_pages,
    # Before anything is published anew: a page with a correction shows more than one without.
    "organisers": one_or_many,
    "dossiers": more_dossiers,
    "publication": publication,
    "csv": csv_export,
    "import": imports,
    "memory": memory,
    "weight": weight,
}
