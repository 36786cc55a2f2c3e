# SPDX-License-Identifier: Apache-2.0
"""Makes the picture of the dashboard that the READMEs show, from a demo that was kept:

    TROTH_DEMO_DIR=/tmp/d KEEP=1 deploy/demo/demo.sh | tee /tmp/told && mv /tmp/told /tmp/d
    /usr/bin/python3 -m tests.browser.make_picture /tmp/d

A demo has made-up people alone, and the page that is shown has no personal data.
"""

import os
import sys
from pathlib import Path

from tests.support.chromium import Chromium
from tests.support.played_month import PlayedMonth
from tests.support.system import ROOT

PICTURE = ROOT / "services/reporting/web/dashboard.png"
PAGE = {"user": "viewer", "language": "en", "theme": "light"}
SIZE = {"width": 1280, "height": 980}
MOST_BYTES = 150_000
# The days of the story, the last one that is over at the end.
DAYS = """SELECT format('from=%s&to=%s', (min(opened_at) AT TIME ZONE 'Asia/Shanghai')::date,
                        (log.now() AT TIME ZONE 'Asia/Shanghai')::date - 1)
            FROM intake.service_case WHERE NOT is_historical"""


def main(folder):
    out = Path(os.environ.get("TROTH_OUT", ROOT / "build"))
    month = PlayedMonth(folder, out / "bin")
    month.open()
    try:
        with Chromium(month, PICTURE.parent) as chromium:
            page = dict(PAGE, hash=f"promises?{month.psql(DAYS)}&compare=0")
            chromium.play("picture.ofPage", page=page, size=SIZE, name=PICTURE.name)
    finally:
        month.stop()
    assert PICTURE.stat().st_size < MOST_BYTES, f"{PICTURE} has {PICTURE.stat().st_size} bytes"


if __name__ == "__main__":
    main(sys.argv[1])
