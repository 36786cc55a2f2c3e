/* SPDX-License-Identifier: Apache-2.0 */
/* personal_view_store.h - reporting.personal_view, which is only ever added to. */
#ifndef TROTH_REPORTING_PERSONAL_VIEW_STORE_H
#define TROTH_REPORTING_PERSONAL_VIEW_STORE_H

#include "common/runtime/db.h"
#include "services/reporting/web_door.h"

/* now_us: business time, as intake's disclosures have it. */
void personal_view_store_put(struct db *db, const struct web_personal_view *view, int64_t now_us);

#endif
