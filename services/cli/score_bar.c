/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/score_bar.h"

#include <math.h>
#include <string.h>

#define FULL       "\u2588"
#define LEFT_HALF  "\u258c"
#define RIGHT_HALF "\u2590"
#define LINE       "\u2502"

static char *put(char *at, const char *cell)
{
    size_t len = strlen(cell);

    memcpy(at, cell, len + 1);
    return at + len;
}

/* Of one side; at most all of it. */
static int halves_of(double points, double scale)
{
    double halves = round(fabs(points) / scale * 2 * SCORE_BAR_CELLS);

    if (halves > 2 * SCORE_BAR_CELLS) {
        return 2 * SCORE_BAR_CELLS;
    }
    return points != 0 && halves < 1 ? 1 : (int)halves;
}

const char *score_bar(double points, double scale, char ret[SCORE_BAR_SIZE])
{
    int left = points < 0 ? halves_of(points, scale) : 0;
    int right = points > 0 ? halves_of(points, scale) : 0;
    char *at = ret;

    for (int cell = SCORE_BAR_CELLS; cell > 0; cell--) { /* counted from the line */
        at = put(at, left >= 2 * cell ? FULL : left == 2 * cell - 1 ? RIGHT_HALF : " ");
    }
    at = put(at, LINE);
    for (int cell = 1; cell <= SCORE_BAR_CELLS; cell++) {
        at = put(at, right >= 2 * cell ? FULL : right == 2 * cell - 1 ? LEFT_HALF : " ");
    }
    return ret;
}
