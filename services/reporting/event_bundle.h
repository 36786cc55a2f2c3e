/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_bundle.h - what an event adds to the figures by itself: purchases and refunds, moves of
 * tiers, indexes and risks, trust that broke. Pure.
 */
#ifndef TROTH_REPORTING_EVENT_BUNDLE_H
#define TROTH_REPORTING_EVENT_BUNDLE_H

#include "common/base/zone.h"
#include "event.pb-c.h"
#include "services/reporting/figure_bundle.h"

/* Fills an empty bundle, or leaves it empty. One that takes back an earlier event has the same
 * bundle: the caller subtracts it. Texts are those of the event, or the bundle's own. */
void event_bundle_make(const Troth__V1__Event *event, const struct zone *zone,
                       struct figure_bundle *ret);

#endif
