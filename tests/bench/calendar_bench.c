/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calendar_bench.c - nanoseconds for one question to a calendar: the garage's of deploy/config,
 * with three years of holidays.
 *
 * Reports one line per figure: "calendar_between ours=12.3 unit=ns". The instants are drawn before
 * the clock starts; the sum of the answers is printed, so that no compiler leaves a call out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libconfig.h>

#include "common/base/compiler.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/domain/calendar_read.h"
#include "common/domain/standard_source.h"

enum {
    ASKED = 1 << 16, /* pairs of instants, so that they do not fit into the nearest cache */
    ROUNDS = 64,
    BOOKS = 10,
    YEARS = 40,
};

struct asked {
    int64_t from_us;
    int64_t to_us;
    int64_t work_us;
};

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t below(uint64_t *state, int64_t limit)
{
    return (int64_t)(next_random(state) % (uint64_t)limit);
}

/* Instants of 40 years; most promises are due within days, a few within a year. */
static void draw(struct asked *all)
{
    const int64_t first_us = civil_to_days((struct civil_date){2000, 1, 1}) * DURATION_DAY;
    uint64_t random = 4;

    for (size_t i = 0; i < ASKED; i++) {
        const int64_t reach_us = (i % 16 == 0 ? 365 : 10) * DURATION_DAY;

        all[i].from_us = first_us + below(&random, (int64_t)YEARS * 365 * DURATION_DAY);
        all[i].to_us = all[i].from_us + below(&random, reach_us);
        all[i].work_us = 1 + below(&random, reach_us / 4);
    }
}

static struct calendar_book *read_book(const struct standard_source *source)
{
    struct err err = ERR_NONE;
    const struct standard_reader r = {.source = source, .err = &err};
    struct calendar_book *book = NULL;
    config_t tree;

    config_init(&tree);
    if (config_read_string(&tree, source->text.data) == CONFIG_TRUE) {
        book = calendar_book_read(&r, config_root_setting(&tree));
    }
    config_destroy(&tree);
    if (!book) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return book;
}

static int64_t ask_between(const struct calendar *c, const struct asked *q)
{
    return calendar_between(c, q->from_us, q->to_us);
}

static int64_t ask_after(const struct calendar *c, const struct asked *q)
{
    return calendar_after(c, q->from_us, q->work_us);
}

static int64_t ask_is_open(const struct calendar *c, const struct asked *q)
{
    return calendar_is_open(c, q->to_us);
}

static const struct {
    const char *name;
    int64_t (*ask)(const struct calendar *c, const struct asked *q);
} questions[] = {
    {"calendar_between", ask_between},
    {"calendar_after",   ask_after  },
    {"calendar_is_open", ask_is_open},
};

static void measure_questions(const struct calendar *c, const struct asked *all)
{
    uint64_t sum = 0;

    for (size_t k = 0; k < ARRAY_LEN(questions); k++) {
        const int64_t begin_us = instant_monotonic_us();

        for (int round = 0; round < ROUNDS; round++) {
            for (size_t i = 0; i < ASKED; i++) {
                sum += (uint64_t)questions[k].ask(c, &all[i]);
            }
        }
        (void)printf("%s ours=%.1f unit=ns\n", questions[k].name,
                     (double)(instant_monotonic_us() - begin_us) * 1000.0 / ROUNDS / ASKED);
    }
    (void)printf("# sum of the answers: %" PRIu64 "\n", sum);
}

static void measure_build(const struct standard_source *source)
{
    const int64_t begin_us = instant_monotonic_us();
    size_t count = 1;

    for (int i = 0; i < BOOKS; i++) {
        struct calendar_book *book = read_book(source);

        count = calendar_book_count(book);
        calendar_book_free(book);
    }
    (void)printf("calendar_build ours=%.3f unit=ms\n",
                 (double)(instant_monotonic_us() - begin_us) / 1000.0 / BOOKS / (double)count);
}

int main(void)
{
    struct asked *all = xcalloc(ASKED, sizeof(*all));
    struct standard_source source = {.file_count = 0};
    struct calendar_book *book;
    struct err err = ERR_NONE;

    if (standard_source_read(&source, "deploy/config/calendars.conf", &err) < 0) {
        (void)fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    draw(all);
    book = read_book(&source);
    measure_questions(calendar_book_find(book, "garage"), all);
    measure_build(&source);
    calendar_book_free(book);
    standard_source_free(&source);
    free(all);
    return 0;
}
