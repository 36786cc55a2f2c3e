/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standard_bench.c - microseconds of CPU time for one decision by a standard of 200 rules, 150 of
 * which look for eight words each; only the last rule matches, so every one is tried.
 *
 * Reports one line per figure: "standard_decide ours=12.3 unit=us". The texts are drawn before the
 * clock starts: Chinese characters and English words, some of them beginnings of the words that are
 * looked for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/standard.h"

enum {
    RULES = 200,
    RULES_WITH_WORDS = 150,
    WORDS = 8,
    TEXTS = 256,
    USUAL_BYTES = 400, /* some 130 characters */
    LONG_BYTES = 32 * 1024,
    ROUNDS = 200,
    LOADS = 20,
};

/* Of this process: others share the machine. */
static int64_t cpu_us(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * DURATION_S + now.tv_nsec / 1000;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static uint64_t below(uint64_t *state, uint64_t limit)
{
    return next_random(state) % limit;
}

/* One of 2,000 usual characters. */
static void append_character(struct text *t, uint64_t *random)
{
    const uint64_t point = 0x4e00 + below(random, 2000);
    const char utf8[] = {(char)(0xe0 | point >> 12), (char)(0x80 | (point >> 6 & 0x3f)),
                         (char)(0x80 | (point & 0x3f))};

    text_append_len(t, utf8, sizeof(utf8));
}

/* Two or three characters, or an English word; rule and word make it the only one of its kind. */
static void append_word(struct text *t, size_t rule, size_t word, uint64_t *random)
{
    static const char *const beginnings[] = {"brake", "engine", "noise", "oil", "steering"};

    if (word % 2 == 0) {
        text_appendf(t, "%s %c%c%c", beginnings[word / 2 % ARRAY_LEN(beginnings)],
                     (char)('a' + rule % 26), (char)('a' + rule / 26), (char)('a' + word));
        return;
    }
    append_character(t, random);
    append_character(t, random);
    text_appendf(t, "%c%c", (char)('a' + rule % 26), (char)('a' + rule / 26));
}

static void write_standard(struct text *t)
{
    uint64_t random = 1;

    text_append(t, "rules = (\n");
    for (size_t i = 0; i + 1 < RULES; i++) {
        text_appendf(t, "{ name = \"rule_%zu\"; priority = 2; owner_team = \"care\";", i);
        if (i < RULES_WITH_WORDS) {
            text_append(t, " words = (");
            for (size_t k = 0; k < WORDS; k++) {
                text_append(t, k > 0 ? ", \"" : "\"");
                append_word(t, i, k, &random);
                text_append(t, "\"");
            }
            text_append(t, "); },\n");
        } else {
            text_appendf(t, " kind = \"complaint\"; category = \"category %zu\"; },\n", i);
        }
    }
    text_append(t, "{ name = \"rest\"; priority = 3; owner_team = \"care\"; } );\n");
}

static void write_text(struct text *t, size_t bytes, uint64_t *random)
{
    static const char *const words[] = {"brake", "the",   "engine", "noise",    "my",
                                        "oil",   "makes", "a",      "steering", "again"};

    while (t->len < bytes) {
        if (below(random, 4) == 0) {
            text_appendf(t, " %s ", words[below(random, ARRAY_LEN(words))]);
        } else {
            append_character(t, random);
        }
    }
}

static struct standard *load(const char *text)
{
    struct err err = ERR_NONE;
    struct standard *s = standard_parse(text, "bench", &err);

    if (!s) {
        (void)fprintf(stderr, "%s\n", err.text);
        exit(1);
    }
    return s;
}

static void measure(const struct standard *s, const char *name, size_t bytes, size_t rounds)
{
    char *texts[TEXTS];
    uint64_t random = 2;
    size_t rest = 0;
    int64_t begin_us;

    for (size_t i = 0; i < TEXTS; i++) {
        struct text t = {.data = NULL};

        write_text(&t, bytes, &random);
        texts[i] = t.data;
    }
    begin_us = cpu_us();
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < TEXTS; i++) {
            const char *const said[] = {"About my car", texts[i]};
            const struct standard_request request = {.kind = "complaint",
                                                     .category = "category",
                                                     .channel = "web",
                                                     .branch = "north",
                                                     .texts = said,
                                                     .text_count = 2};
            struct standard_decision d;

            standard_decide(s, &request, &d);
            rest += strcmp(d.rule, "rest") == 0;
        }
    }
    (void)printf("%s ours=%.2f unit=us\n", name,
                 (double)(cpu_us() - begin_us) / (double)rounds / TEXTS);
    (void)printf("# of %zu decisions %zu by the last rule\n", rounds * TEXTS, rest);
    for (size_t i = 0; i < TEXTS; i++) {
        free(texts[i]);
    }
}

int main(void)
{
    struct text text = {.data = NULL};
    struct standard *s;
    int64_t begin_us;

    write_standard(&text);
    s = load(text.data);
    measure(s, "standard_decide", USUAL_BYTES, ROUNDS);
    measure(s, "standard_decide_long", LONG_BYTES, ROUNDS / 20);
    standard_free(s);
    begin_us = cpu_us();
    for (size_t i = 0; i < LOADS; i++) {
        standard_free(load(text.data));
    }
    (void)printf("standard_load ours=%.3f unit=ms\n",
                 (double)(cpu_us() - begin_us) / 1000.0 / LOADS);
    text_free(&text);
    return 0;
}
