/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crash_point.h - named places at which a program of the test build (make CRASH=1) can be killed.
 *
 *   CRASH_POINT("followup.order.committed");
 *
 * TROTH_CRASH_POINT=followup.order.committed:3 in the environment kills the process as kill -9
 * would when it comes by there the third time. Tests name each point once, and fail when a run
 * did not come by.
 *
 * CRASH_CONTROL("name") is true when TROTH_CRASH_CONTROL says so: the program then does one thing
 * in the wrong order, so that a checker can show that it would notice.
 *
 * TROTH_CLOCK_JUMP names a file with a number of seconds, which may be negative: the process sees
 * the real clock that much ahead from the moment on at which the file is there (instant_now_us()).
 * The monotonic clock goes on.
 *
 * Any other build has nothing of it, not even the names.
 */
#ifndef TROTH_COMMON_BASE_CRASH_POINT_H
#define TROTH_COMMON_BASE_CRASH_POINT_H

#include <stdbool.h>
#include <stdint.h>

/* Defined in the test build alone: who calls them without the macros is told by the linker. */
void crash_point_pass(const char *name);
bool crash_point_control(const char *name);
int64_t crash_point_clock_jump_us(void);

#ifdef TROTH_CRASH_POINTS
#define CRASH_POINT(name) crash_point_pass(name)
/* does: what makes the place worth dying at, and is not needed otherwise */
#define CRASH_POINT_AFTER(does, name) ((void)(does), crash_point_pass(name))
#define CRASH_CONTROL(name)           crash_point_control(name)
#define CRASH_CLOCK_JUMP_US()         crash_point_clock_jump_us()
#else
#define CRASH_POINT(name)             ((void)0)
#define CRASH_POINT_AFTER(does, name) ((void)0)
#define CRASH_CONTROL(name)           false
#define CRASH_CLOCK_JUMP_US()         INT64_C(0)
#endif

#endif
