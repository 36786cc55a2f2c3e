/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/weekly_make.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_day.h"
#include "services/reporting/report_desk.h"
#include "services/reporting/weekly_parts.h"

struct weekly_make {
    struct reporting *reporting;
    char from_day[REPORT_DAY_SIZE], to_day[REPORT_DAY_SIZE];
    bool is_chinese;
    Troth__V1__ReportReply *replies[WEEKLY_PARTS];
    size_t count; /* of replies */
    weekly_made_fn *made;
    void *ctx;
    struct loop_timer *timer; /* begins each part: never within the answer of another */
};

int64_t weekly_monday(int64_t day)
{
    int64_t since_monday = (day + 3) % 7; /* 1970-01-01 was a Thursday */

    return day - (since_monday < 0 ? since_monday + 7 : since_monday);
}

void weekly_make_free(struct weekly_make *m)
{
    if (!m) {
        return;
    }
    for (size_t i = 0; i < m->count; i++) {
        troth__v1__report_reply__free_unpacked(m->replies[i], NULL);
    }
    loop_timer_free(m->timer);
    free(m);
}

static void finish(struct weekly_make *m)
{
    struct weekly_section sections[WEEKLY_PARTS];

    for (size_t i = 0; i < m->count; i++) {
        sections[i] = (struct weekly_section){
            .table = m->replies[i]->figures,
            .chart = weekly_parts[i].chart,
            .column = weekly_parts[i].column,
        };
    }
    const struct weekly_page page = {
        .is_chinese = m->is_chinese,
        .from_day = m->from_day,
        .to_day = m->to_day,
        .time_zone = m->reporting->settings->time_zone,
        .dashboard_url = m->reporting->settings->dashboard_url,
        .sections = sections,
        .section_count = m->count,
    };
    m->made(m->ctx, &page, NULL);
    weekly_make_free(m);
}

static void fail(struct weekly_make *m, const struct err *err)
{
    m->made(m->ctx, NULL, err);
    weekly_make_free(m);
}

/* The answer is borrowed: packed and unpacked it is ours. */
static Troth__V1__ReportReply *copy_of(const Troth__V1__ReportReply *reply)
{
    size_t size = troth__v1__report_reply__get_packed_size(reply);
    uint8_t *packed = xcalloc(size + 1, 1);

    (void)troth__v1__report_reply__pack(reply, packed);
    Troth__V1__ReportReply *copy = troth__v1__report_reply__unpack(NULL, size, packed);
    free(packed);
    return copy;
}

static void on_answer(void *ctx, const ProtobufCMessage *answer)
{
    struct weekly_make *m = ctx;
    const Troth__V1__ReportReply *reply = (const Troth__V1__ReportReply *)answer;
    struct err err = ERR_NONE;

    if (!text_is_empty(reply->code)) {
        (void)err_set(&err, reply->code, "%s: %s", weekly_parts[m->count].name,
                      text_is_empty(reply->text) ? "" : reply->text);
        fail(m, &err);
        return;
    }
    m->replies[m->count++] = copy_of(reply);
    loop_timer_after(m->timer, 0);
}

static void ask_next(void *ctx)
{
    struct weekly_make *m = ctx;
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__FiguresRequest figures = TROTH__V1__FIGURES_REQUEST__INIT;
    struct err err = ERR_NONE;

    if (m->count == WEEKLY_PARTS) {
        finish(m);
        return;
    }
    const struct weekly_part *part = &weekly_parts[m->count];
    char *name = xstrdup(part->name);
    char *group = part->group ? xstrdup(part->group) : NULL;
    figures.name = name;
    figures.group_by = group;
    figures.from_day = m->from_day;
    figures.to_day = m->to_day;
    figures.has_is_compared = figures.is_compared = true;
    char *language = xstrdup(m->is_chinese ? "zh-Hans" : "en");
    request.language = language;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_FIGURES;
    request.figures = &figures;
    int rc = report_desk_ask(m->reporting, &request, on_answer, m, &err);
    free(name);
    free(group);
    free(language);
    if (rc < 0) {
        (void)err_prefix(&err, "%s", part->name);
        fail(m, &err);
    }
}

struct weekly_make *weekly_make_start(struct reporting *r, int64_t first_day, bool is_chinese,
                                      weekly_made_fn *made, void *ctx)
{
    struct weekly_make *m = xcalloc(1, sizeof(*m));

    m->reporting = r;
    m->is_chinese = is_chinese;
    (void)report_day_format(first_day, m->from_day);
    (void)report_day_format(first_day + 6, m->to_day);
    m->made = made;
    m->ctx = ctx;
    m->timer = loop_timer_new(r->service->loop, ask_next, m);
    loop_timer_after(m->timer, 0);
    return m;
}
