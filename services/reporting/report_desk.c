/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_desk.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "services/reporting/report_factors.h"

enum {
    WEIGHTS = 5
};

struct report_desk {
    struct report_options options;
    struct zone *zone;
    double weights[WEIGHTS];
};

static int read_weight(const char *text, size_t len, double *ret, struct err *err)
{
    char number[32];

    if (len >= sizeof(number)) {
        return err_set_field(err, "setting_invalid", "servqual_weights", "a number is too long");
    }
    memcpy(number, text, len);
    number[len] = '\0';
    if (text_to_double(number, ret) < 0 || *ret < 0) {
        return err_set_field(err, "setting_invalid", "servqual_weights",
                             "five numbers, none below 0: \"11 32 22 19 16\"");
    }
    return 0;
}

int report_weights_of(const char *setting, double ret_weights[5], struct err *err)
{
    double weights[WEIGHTS], sum = 0;
    size_t count = 0;

    for (const char *at = setting + strspn(setting, " ,"); *at != '\0'; at += strspn(at, " ,")) {
        const size_t len = strcspn(at, " ,");
        if (count == WEIGHTS) {
            count++;
            break;
        }
        if (read_weight(at, len, &weights[count], err) < 0) {
            return -1;
        }
        sum += weights[count++];
        at += len;
    }
    if (count != WEIGHTS || sum <= 0) {
        return err_set_field(err, "setting_invalid", "servqual_weights",
                             "five numbers for tangibles, reliability, responsiveness, assurance, "
                             "empathy, not all of them 0");
    }
    for (size_t i = 0; i < WEIGHTS; i++) {
        ret_weights[i] = weights[i] / sum;
    }
    return 0;
}

struct report_desk *report_desk_new(const struct reporting_settings *settings,
                                    const struct questionnaire *const *words, struct err *err)
{
    struct report_desk *d = xcalloc(1, sizeof(*d));

    d->zone = zone_open(settings->time_zone, err);
    d->options = (struct report_options){
        .time_zone = settings->time_zone,
        .words = words,
        .zone = d->zone,
        .return_window_days =
            (int32_t)((settings->return_window_us + DURATION_DAY - 1) / DURATION_DAY),
        .least = (int32_t)settings->report_least,
        .factors = settings->factors,
        .weights = text_is_empty(settings->servqual_weights) ? NULL : d->weights,
    };
    if (d->zone == NULL || report_factors_check(settings->factors, err) < 0 ||
        (d->options.weights != NULL &&
         report_weights_of(settings->servqual_weights, d->weights, err) < 0)) {
        report_desk_free(d);
        return NULL;
    }
    return d;
}

void report_desk_free(struct report_desk *d)
{
    if (d != NULL) {
        zone_free(d->zone);
        free(d);
    }
}

const struct report_options *report_desk_options(const struct report_desk *d)
{
    return &d->options;
}
