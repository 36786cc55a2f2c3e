/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/progress_case.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/clock.h"
#include "services/reporting/progress_text.h"

#define STATE(name) TROTH__V1__PROMISE_STATE__PROMISE_STATE_##name

void progress_case_free(struct progress_case *c)
{
    if (c) {
        for (size_t i = 0; i < c->promise_count; i++) {
            if (c->promises[i].words) {
                explicit_bzero(c->promises[i].words, strlen(c->promises[i].words));
            }
            free(c->promises[i].words);
        }
        free(c);
    }
}

bool progress_promise_is_open(const struct progress_promise *p)
{
    return p->state == (int)STATE(OPEN) || p->state == (int)STATE(AT_RISK);
}

const struct progress_promise *progress_case_resolution(const struct progress_case *c)
{
    for (size_t i = c->promise_count; i-- > 0;) {
        if (strcmp(c->promises[i].kind, "resolution") == 0) {
            return &c->promises[i];
        }
    }
    return NULL;
}

int64_t progress_case_counted_us(const struct progress_case *c, const struct calendar *calendar)
{
    const struct progress_promise *p = progress_case_resolution(c);
    struct clock_pause *pauses = xcalloc(c->wait_count + 1, sizeof(*pauses));

    for (size_t i = 0; i < c->wait_count; i++) {
        pauses[i] = (struct clock_pause){
            .from_us = c->waits[i].from_us,
            .to_us = c->waits[i].to_us == PROGRESS_NO_TIME ? CLOCK_NEVER : c->waits[i].to_us,
        };
    }
    const struct clock clock = {
        .started_us = p ? p->made_us : c->opened_us,
        .calendar = calendar,
        .target_us = 1,
        .pauses = pauses,
        .pause_count = c->wait_count,
    };
    int64_t counted_us = clock_read(&clock, c->now_us).counted_us;
    free(pauses);
    return counted_us;
}

void progress_case_take_words(struct progress_case *c, int64_t at_us, const char *words)
{
    struct progress_promise *found = NULL;
    struct text masked = {0};

    for (size_t i = 0; i < c->promise_count; i++) {
        struct progress_promise *p = &c->promises[i];
        if (p->is_given && p->made_us == at_us) {
            if (found || p->words) {
                return;
            }
            found = p;
        }
    }
    if (found) {
        progress_text_mask(words, &masked);
        found->words = masked.data;
    }
}

static bool is_call(const struct progress_promise *p)
{
    return p->is_given && strcmp(p->kind, "callback") == 0;
}

bool progress_case_is_called(const struct progress_case *c)
{
    bool is_called = false;

    for (size_t i = 0; i < c->promise_count; i++) {
        is_called |= is_call(&c->promises[i]) && progress_promise_is_open(&c->promises[i]);
    }
    return is_called;
}

bool progress_case_is_open(const struct progress_case *c)
{
    return c->state >= TROTH__V1__CASE_STATE__CASE_STATE_NEW &&
           c->state <= TROTH__V1__CASE_STATE__CASE_STATE_WAITING_THIRD_PARTY;
}
