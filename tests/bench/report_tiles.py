# SPDX-License-Identifier: Apache-2.0
"""What a page of the dashboard asks for, and the dashboard itself: how long the answers take, and how large the first load is."""

import http.client
import statistics
import time

import report_pb2
from tests.bench.measure import progress
from tests.bench.report_world import RANGES

SMALL = 1500  # bytes: what is smaller need not be compressed
LISTS = ["opened", "answered", "resolved", "reopened", "broken", "low_answer", "open", "due_next"]


def figures_request(first, last, name="timeliness", group="channel"):
    return report_pb2.ReportRequest(request_id="bench", figures=report_pb2.FiguresRequest(
        name=name, from_day=first, to_day=last, group_by=group))


def ask_timed(client, request):
    begin = time.monotonic()
    reply = client.ask(request, report_pb2.ReportReply, seconds=60)
    took = (time.monotonic() - begin) * 1000
    if reply.code:
        raise RuntimeError(f"{request}: {reply.code}: {reply.text}")
    return took, reply


# ---- tiles


def tiles(client):
    """(name, request): every report of the catalogue in its usual grouping over a month beside the month before, every list of
    cases, and the page of today."""
    first, last = RANGES["month"]
    catalogue = ask_timed(client, report_pb2.ReportRequest(request_id="bench", catalogue=report_pb2.CatalogueRequest()))[1].catalogue
    for entry in catalogue.reports:
        request = figures_request(first, last, entry.name, "")
        request.figures.is_compared = True
        yield entry.name, request
    for name in LISTS:
        yield f"cases {name}", report_pb2.ReportRequest(
            request_id="bench", cases=report_pb2.CasesRequest(list=name, from_day=first, to_day=last))
    yield "today", report_pb2.ReportRequest(request_id="bench", today=report_pb2.TodayRequest())
    yield "today in a branch", report_pb2.ReportRequest(request_id="bench", today=report_pb2.TodayRequest(branch="branch3"))


def slowest_tile(client, asks):
    """p95 in milliseconds of the slowest of them."""
    slowest = 0.0
    for name, request in tiles(client):
        took = sorted(ask_timed(client, request)[0] for _ in range(asks))
        p95 = took[int(0.95 * (len(took) - 1))]
        progress(f"{name}: {statistics.median(took):.1f} ms, p95 {p95:.1f} ms")
        slowest = max(slowest, p95)
    return slowest


# ---- first load


def first_load(address, folder):
    """Compressed kilobytes and milliseconds of all that a browser could fetch: the page, and every script, style and picture of
    the built dashboard, also of pages that are not open yet, one after the other on one connection."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    paths = ["/"] + sorted(f"/assets/{file.name}" for file in (folder / "assets").iterdir() if file.suffix != ".gz")
    begin, total = time.monotonic(), 0
    for path in paths:
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or (answer.getheader("Content-Encoding") != "gzip" and len(body) > SMALL):
            raise RuntimeError(f"{path}: {answer.status}, {len(body)} bytes, not compressed")
        total += len(body)
    took = (time.monotonic() - begin) * 1000
    connection.close()
    if len(paths) == 1:
        raise RuntimeError(f"{folder}: the dashboard is not built")
    return total / 1000, took
