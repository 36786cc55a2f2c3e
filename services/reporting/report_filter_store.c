/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/report_filter_store.h"

#include <string.h>

#include "common/base/compiler.h"
#include "common/base/text.h"

static const char *value_of(const struct report_filter *filters, size_t count,
                            enum figure_dimension dimension)
{
    for (size_t i = 0; i < count; i++) {
        if (filters[i].dimension == dimension) {
            return filters[i].value;
        }
    }
    return NULL;
}

static void put_number(struct db_params *params, const char *value, int16_t number)
{
    if (value == NULL) {
        db_put_null(params, DB_INT2);
    } else {
        db_put_int2(params, number);
    }
}

static int16_t priority_of(const char *value)
{
    int64_t number;

    if (value == NULL || text_to_int64(value, 1, 4, &number) < 0) {
        return -1;
    }
    return (int16_t)number;
}

static int16_t kind_of(const char *value)
{
    static const char *const kinds[] = {"", "enquiry", "complaint", "request", "praise"};

    for (size_t i = 1; value != NULL && i < ARRAY_LEN(kinds); i++) {
        if (strcmp(kinds[i], value) == 0) {
            return (int16_t)i;
        }
    }
    return -1;
}

void report_filter_store_put(struct db_params *params, const struct report_filter *filters,
                             size_t count)
{
    static const enum figure_dimension texts[] = {
        DIMENSION_BRANCH,   DIMENSION_CHANNEL, DIMENSION_TEAM, DIMENSION_STAFF,
        DIMENSION_CATEGORY, DIMENSION_PRODUCT, DIMENSION_TIER,
    };
    const char *priority = value_of(filters, count, DIMENSION_PRIORITY);
    const char *kind = value_of(filters, count, DIMENSION_CONTACT_KIND);

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        db_put_text(params, value_of(filters, count, texts[i]));
    }
    put_number(params, priority, priority_of(priority));
    put_number(params, kind, kind_of(kind));
}
