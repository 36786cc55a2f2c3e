/* SPDX-License-Identifier: Apache-2.0 */
/* rulebook_values.c - single settings of a rulebook. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/domain/rulebook_read.h"

int rulebook_read_name(const struct standard_reader *r, const config_setting_t *setting,
                       const char **ret)
{
    const char *name = NULL;

    if (standard_read_name(r, setting, &name) < 0) {
        return -1;
    }
    if (strlen(name) >= RULEBOOK_NAME_SIZE) {
        return standard_read_refuse(r, setting, "must have at most %d bytes",
                                    RULEBOOK_NAME_SIZE - 1);
    }
    *ret = name;
    return 0;
}

int rulebook_read_count(const struct standard_reader *r, const config_setting_t *setting, int min,
                        int max, int *ret)
{
    int value;

    if (config_setting_type(setting) != CONFIG_TYPE_INT) {
        return standard_read_refuse(r, setting, "must be a whole number");
    }
    value = config_setting_get_int(setting);
    if (value < min || value > max) {
        return standard_read_refuse(r, setting, "must be %d to %d", min, max);
    }
    *ret = value;
    return 0;
}

int rulebook_read_number(const struct standard_reader *r, const config_setting_t *setting,
                         double *ret)
{
    const int type = config_setting_type(setting);

    if (type == CONFIG_TYPE_INT) {
        *ret = config_setting_get_int(setting);
    } else if (type == CONFIG_TYPE_INT64) {
        *ret = (double)config_setting_get_int64(setting);
    } else if (type == CONFIG_TYPE_FLOAT) {
        *ret = config_setting_get_float(setting);
    } else {
        return standard_read_refuse(r, setting, "must be a number");
    }
    return 0;
}

int rulebook_read_flag(const struct standard_reader *r, const config_setting_t *setting, bool *ret)
{
    if (config_setting_type(setting) != CONFIG_TYPE_BOOL) {
        return standard_read_refuse(r, setting, "must be true or false");
    }
    *ret = config_setting_get_bool(setting) != 0;
    return 0;
}

int rulebook_read_word(const struct standard_reader *r, const config_setting_t *setting,
                       enum rulebook_word_list list, int32_t *ret)
{
    const char *word = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
    int32_t number = word ? rulebook_word_find(list, word) : 0;
    struct text words = {.data = NULL};

    if (!word) {
        return -1;
    }
    if (number == 0) {
        for (int32_t i = 1; rulebook_word(list, i); i++) {
            text_appendf(&words, "%s%s", i > 1 ? ", " : "", rulebook_word(list, i));
        }
        standard_read_refuse(r, setting, "must be one of %s", text_or_empty(&words));
        text_free(&words);
        return -1;
    }
    *ret = number;
    return 0;
}

int rulebook_read_span(const struct standard_reader *r, const config_setting_t *setting,
                       int max_days, int64_t *ret_us)
{
    const char *text = config_setting_get_string(setting);

    if (text && strcmp(text, "0") == 0) {
        *ret_us = 0;
        return 0;
    }
    return standard_read_duration(r, setting, max_days, ret_us);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

int rulebook_read_minute(const struct standard_reader *r, const config_setting_t *setting, int *ret)
{
    const char *t = standard_read_text(r, setting, STANDARD_NAME_BYTES_MAX);
    int hour, minute;

    if (!t) {
        return -1;
    }
    if (strlen(t) != 5 || !is_digit(t[0]) || !is_digit(t[1]) || t[2] != ':' || !is_digit(t[3]) ||
        !is_digit(t[4])) {
        return standard_read_refuse(r, setting, "must be a time of day such as \"09:30\"");
    }
    hour = (t[0] - '0') * 10 + t[1] - '0';
    minute = (t[3] - '0') * 10 + t[4] - '0';
    if (hour > 23 || minute > 59) {
        return standard_read_refuse(r, setting, "must be a time from \"00:00\" to \"23:59\"");
    }
    *ret = hour * 60 + minute;
    return 0;
}
