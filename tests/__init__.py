# SPDX-License-Identifier: Apache-2.0
# A package, so that tests can say "from tests.support.x import y".
