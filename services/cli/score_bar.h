/* SPDX-License-Identifier: Apache-2.0 */
/* score_bar.h - points as a bar to scale: left of a middle line what is taken off, right of it what
 * is added. Pure. */
#ifndef TROTH_SERVICES_CLI_SCORE_BAR_H
#define TROTH_SERVICES_CLI_SCORE_BAR_H

#include <stddef.h>

#define SCORE_BAR_CELLS 10 /* of each side */
/* Three bytes for each cell, the middle line and the NUL. */
#define SCORE_BAR_SIZE (3 * (2 * SCORE_BAR_CELLS + 1) + 1)

/* As wide as both sides and the line, whatever the points. scale: the points of a full side, above
 * 0; in halves of a cell, and never nothing for what is not 0. */
const char *score_bar(double points, double scale, char ret[SCORE_BAR_SIZE]);

#endif
