/* SPDX-License-Identifier: Apache-2.0 */
#include "services/followup/followup_call.h"

#include <stdlib.h>
#include <string.h>

#include <utlist.h>

#include "services/followup/followup_dialers.h"

void followup_call_free(struct followup_call *c)
{
    if (c) {
        if (c->dialer) {
            followup_dialers_unbook(c->dialer);
        }
        explicit_bzero(c->phone, sizeof(c->phone));
        free(c->agenda);
        free(c);
    }
}

void followup_call_append(struct followup_call **list, struct followup_call *c)
{
    DL_APPEND(*list, c);
}

void followup_call_remove(struct followup_call **list, struct followup_call *c)
{
    DL_DELETE(*list, c);
}

void followup_call_free_list(struct followup_call **list)
{
    while (*list) {
        struct followup_call *first = *list;
        followup_call_remove(list, first);
        followup_call_free(first);
    }
}
