/* SPDX-License-Identifier: Apache-2.0 */
/* record_list.h - many records, packed, in memory, each with its instant: what the demo plays on
 * its clock. */
#ifndef TROTH_SERVICES_CLI_RECORD_LIST_H
#define TROTH_SERVICES_CLI_RECORD_LIST_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/bytes.h"
#include "intake.pb-c.h"

struct record_item {
    int64_t occurred_us;
    size_t offset; /* of the packed Record in data */
    size_t len;
    size_t number; /* position when added: equal instants keep this order */
};

struct record_list { /* start with {0} */
    struct buffer data;
    struct record_item *items;
    size_t count;
    size_t capacity;
};

void record_list_add(struct record_list *list, const Troth__V1__Record *record); /* packs a copy */
void record_list_sort(struct record_list *list); /* by instant, stable */
struct bytes record_list_get(const struct record_list *list,
                             size_t i); /* borrowed until the next add */
void record_list_free(struct record_list *list);

#endif
