# SPDX-License-Identifier: Apache-2.0
"""Which of the published reviews are held out: the quarter whose text has an MD5 that four divides."""

import hashlib


def is_held_out(text):
    return int(hashlib.md5(text.encode()).hexdigest(), 16) % 4 == 0
