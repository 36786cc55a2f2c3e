/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event_writer.h - a test that plays a service: appends events to a stream slot of its own, so that
 * consumers can be tested without the service that would write them.
 */
#ifndef TROTH_TESTS_SUPPORT_EVENT_WRITER_H
#define TROTH_TESTS_SUPPORT_EVENT_WRITER_H

#include <stdint.h>

#include "common/runtime/service.h"
#include "event.pb-c.h"

struct event_writer;

/* service: "intake". Each writer gets another slot; waits until it has it. */
struct event_writer *event_writer_new(struct loop *loop, const char *service, const char *holder);
void event_writer_free(struct event_writer *w);

/* Keeps a copy for the next commit; recorded_us is set to occurred_us when it is not there. */
void event_writer_add(struct event_writer *w, const Troth__V1__Event *event);
/* Appends what was added in one transaction. */
void event_writer_commit(struct event_writer *w);

/* An event of that customer with occurred_us, recorded_us and version set, and no body. */
Troth__V1__Event event_writer_event(int64_t customer, int64_t version, int64_t occurred_us);

/* What a service's parts need of struct service, without a process: loop, pool (as that role),
 * metrics and settings. */
struct service *service_stub_new(struct loop *loop, const char *name, void *settings);
void service_stub_free(struct service *s);

#endif
