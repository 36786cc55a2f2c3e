/* SPDX-License-Identifier: Apache-2.0 */
/* demo_people.h - who the customers of the demo are: names, numbers, birthdays, zones, consents. */
#ifndef TROTH_SERVICES_CLI_DEMO_PEOPLE_H
#define TROTH_SERVICES_CLI_DEMO_PEOPLE_H

#include "services/cli/demo_teller.h"

/* Adds the profile of one customer, and now and then what the customer forbids. */
void demo_people_tell(struct demo_teller *t, const struct demo_person *p, int64_t at_us);

#endif
