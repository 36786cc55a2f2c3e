# SPDX-License-Identifier: Apache-2.0
"""What a page of the dashboard asks for, and the dashboard itself: how long the answers take, and how large the first load is."""

import gzip
import http.client
import re
import statistics
import time

import report_pb2
from tests.bench.measure import progress
from tests.bench.report_world import RANGES

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


def first_load(address):
    """Compressed kilobytes and milliseconds of what a browser that has nothing yet fetches before it shows the dashboard: the
    page, and the scripts, styles and pictures that it names, one after the other on one connection."""
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    begin, total, left, seen = time.monotonic(), 0, ["/"], set()
    while left:
        path = left.pop()
        seen.add(path)
        connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or (answer.getheader("Content-Encoding") != "gzip" and len(body) > 1500):
            raise RuntimeError(f"{path}: {answer.status}, {len(body)} bytes, not compressed")
        total += len(body)
        if path == "/":
            page = gzip.decompress(body).decode() if answer.getheader("Content-Encoding") == "gzip" else body.decode()
            left += [name for name in re.findall(r'(?:src|href)="(/[^"]+)"', page) if name not in seen]
    took = (time.monotonic() - begin) * 1000
    connection.close()
    return total / 1000, took
