/* SPDX-License-Identifier: Apache-2.0 */
#include "services/loyalty/score_found.h"

#include <stdlib.h>

void score_found_free(struct score_found *f)
{
    if (f == NULL) {
        return;
    }
    free(f->persons);
    free(f->members);
    free(f->evidence);
    free(f->moves);
    free(f->places);
    free(f);
}

struct score_person *score_found_person(const struct score_found *f, int64_t number)
{
    for (size_t i = 0; i < f->person_count; i++) {
        if (f->persons[i].number == number) {
            return &f->persons[i];
        }
    }
    return NULL;
}
