/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/demo_player.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "common/base/arena.h"
#include "common/base/duration.h"
#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/runtime/message_check.h"
#include "common/runtime/record_sender.h"
#include "common/runtime/service.h"
#include "services/cli/demo_clock_store.h"

#define WINDOW        4096
#define RESEND_US     (5 * DURATION_S)
#define LOOK_AGAIN_US (4 * DURATION_MS) /* between two looks at the backlog */
#define ARENA_BYTES   ((size_t)4 * 1024 * 1024)
#define ROUNDS_MAX    1000 /* of all stages at one instant */

struct player {
    const struct demo_player_options *options;
    struct record_list *list;
    struct record_sender *sender;
    struct arena *arena;
    struct import_tally *tally;
    size_t next;          /* of the list */
    size_t next_incident; /* of the options */
    int64_t next_look_us; /* of the hindsight */
    int64_t now_us;       /* of the demo clock */
    enum demo_stage stage;
    struct demo_backlog backlog; /* when last looked at */
};

static void on_reply(void *ctx, struct bytes body)
{
    struct player *p = ctx;
    arena_reset(p->arena);
    struct err err = ERR_NONE;
    const Troth__V1__IntakeReply *reply = (const Troth__V1__IntakeReply *)message_unpack(
        &troth__v1__intake_reply__descriptor, body, p->arena, &err);
    if (reply != NULL) {
        record_sender_on_reply(p->sender, reply);
    }
}

static void on_receipt(void *ctx, uint64_t tag, const Troth__V1__Receipt *receipt)
{
    (void)tag;
    struct player *p = ctx;
    import_tally_receipt(p->tally, receipt);
}

/* One turn of the loop. */
static int wait_a_little(struct player *p, int64_t us, struct err *err)
{
    if (*p->options->is_stopped) {
        return err_set(err, "stopped", "stopped before the end of the story");
    }
    loop_turn(cli_client_loop(p->options->client), us);
    return 0;
}

/* Turns the loop until at most `left` records are without receipt. */
static int wait_for_receipts(struct player *p, size_t left, struct err *err)
{
    int64_t give_up_us = instant_monotonic_us() + p->options->patience_us;
    while (record_sender_waiting(p->sender) > left) {
        if (instant_monotonic_us() > give_up_us) {
            return err_set(err, "demo_stuck",
                           "intake has not answered %zu records; its log says why",
                           record_sender_waiting(p->sender));
        }
        if (wait_a_little(p, 10 * DURATION_MS, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* The sender knows a record by its key, so the second copy of one goes out only when the first has
 * its receipt. */
static int send_one(struct player *p, size_t i, struct err *err)
{
    arena_reset(p->arena);
    struct bytes packed = record_list_get(p->list, i);
    const Troth__V1__Record *record = (const Troth__V1__Record *)message_unpack(
        &troth__v1__record__descriptor, packed, p->arena, err);
    if (record == NULL) {
        return -1;
    }
    char key[65] = "";
    if (record->key != NULL) {
        (void)text_copy(key, sizeof key, record->key);
    }
    if (!record_sender_has_room(p->sender) && wait_for_receipts(p, WINDOW / 2, err) < 0) {
        return -1;
    }
    if (!record_sender_add(p->sender, packed, key, i)) {
        if (wait_for_receipts(p, 0, err) < 0) {
            return -1;
        }
        (void)record_sender_add(p->sender, packed, key, i);
    }
    p->tally->records++;
    return 0;
}

static int send_until(struct player *p, int64_t until_us, struct err *err)
{
    for (; p->next < p->list->count && p->list->items[p->next].occurred_us <= until_us; p->next++) {
        if (send_one(p, p->next, err) < 0) {
            return -1;
        }
    }
    return wait_for_receipts(p, 0, err);
}

/* What is held back while that goes on: all the rest. Facts go on always: they are what the others
 * bring. */
static int32_t holds_of(enum demo_stage stage)
{
    static const int32_t holds[DEMO_STAGES] = {
        [DEMO_STAGE_SCORES] = DEMO_HOLDS_SCORES,
        [DEMO_STAGE_PLANS] = DEMO_HOLDS_PLANS,
        [DEMO_STAGE_DAYS] = DEMO_HOLDS_DAYS,
        [DEMO_STAGE_CALLS] = DEMO_HOLDS_CALLS,
    };
    int32_t all = 0;
    for (int i = 0; i < DEMO_STAGES; i++) {
        all |= holds[i];
    }
    return all & ~holds[stage];
}

/* Sets the clock, and waits until nothing is left to do that is not held back. */
static int settle(struct player *p, int64_t at_us, enum demo_stage stage, struct err *err)
{
    struct demo_backlog *b = &p->backlog;
    int64_t give_up_us = instant_monotonic_us() + p->options->patience_us;
    p->now_us = at_us;
    p->stage = stage;
    if (demo_clock_set(p->options->db, at_us, holds_of(stage), err) < 0) {
        return -1;
    }
    for (;;) {
        if (demo_clock_read_backlog(p->options->db, p->options->forecasts_every_us, b, err) < 0) {
            return -1;
        }
        int64_t waiting = b->waiting[DEMO_STAGE_FACTS];
        waiting += stage == DEMO_STAGE_FACTS ? 0 : b->waiting[stage];
        if (waiting == 0) {
            return 0;
        }
        if (instant_monotonic_us() > give_up_us) {
            return err_set(err, "demo_stuck", "%" PRId64 " things are due and not done, first: %s",
                           waiting, b->what);
        }
        if (wait_a_little(p, LOOK_AGAIN_US, err) < 0) {
            return -1;
        }
    }
}

/* The first stage in which something is left to do; DEMO_STAGES: none. */
static enum demo_stage first_waiting(const struct demo_backlog *b)
{
    enum demo_stage stage = DEMO_STAGE_FACTS;
    while (stage < DEMO_STAGES && b->waiting[stage] == 0) {
        stage++;
    }
    return stage;
}

/* First what happened, then what that says of the customers, then what is planned because of it,
 * then who is called; and what a call has brought goes the same way. So nobody is called a moment
 * before there was a reason not to, and nothing depends on who was faster. */
static int move_clock(struct player *p, int64_t at_us, struct err *err)
{
    enum demo_stage stage = DEMO_STAGE_FACTS;
    /* All stand still before the clock moves: who has not seen it yet would work on by the old one.
     */
    if (p->stage != DEMO_STAGE_FACTS && settle(p, p->now_us, DEMO_STAGE_FACTS, err) < 0) {
        return -1;
    }
    for (int i = 0; i < ROUNDS_MAX && stage < DEMO_STAGES; i++) {
        if (settle(p, at_us, stage, err) < 0) {
            return -1;
        }
        stage = first_waiting(&p->backlog);
    }
    return stage == DEMO_STAGES
               ? 0
               : err_set(err, "demo_stuck",
                         "one thing leads to another without an end, among them: %s",
                         p->backlog.what);
}

/* Nobody scores or plans by half of an hour's records. */
static int send_step(struct player *p, int64_t until_us, struct err *err)
{
    bool has_records = p->next < p->list->count && p->list->items[p->next].occurred_us <= until_us;
    if (has_records && p->stage != DEMO_STAGE_FACTS &&
        settle(p, p->now_us, DEMO_STAGE_FACTS, err) < 0) {
        return -1;
    }
    return send_until(p, until_us, err);
}

static int64_t next_incident_us(const struct player *p)
{
    return p->next_incident < p->options->incident_count
               ? p->options->incidents[p->next_incident].at_us
               : INT64_MAX;
}

static int run_incidents(struct player *p, int64_t now_us, struct err *err)
{
    for (; next_incident_us(p) <= now_us; p->next_incident++) {
        const char *command = p->options->incidents[p->next_incident].command;
        (void)fflush(NULL);           /* what we printed comes before what the command prints */
        int status = system(command); /* NOLINT(cert-env33-c): the caller's own command line */
        if (status != 0) {
            return err_set(err, "demo_incident_failed", "'%s' ended with status %d", command,
                           WIFEXITED(status) ? WEXITSTATUS(status) : -1);
        }
    }
    return 0;
}

/* What was sent stays where it is: all of it happened before what is added. */
static int look_back(struct player *p, struct err *err)
{
    const struct demo_hindsight *h = p->options->hindsight;

    if (h == NULL || p->next_look_us > p->now_us) {
        return 0;
    }
    if (h->look(h->ctx, p->options->db, p->now_us, p->list, &p->next_look_us, err) < 0) {
        return -1;
    }
    record_list_sort(p->list);
    return 0;
}

/* The end of the first step in which something happens; never past the end of the story. */
static int64_t next_step_end(const struct player *p, int64_t now_us, int64_t end_us,
                             int64_t next_due_us)
{
    int64_t step_us = p->options->step_us;
    int64_t event_us = next_due_us;
    if (p->next < p->list->count && p->list->items[p->next].occurred_us < event_us) {
        event_us = p->list->items[p->next].occurred_us;
    }
    if (next_incident_us(p) < event_us) {
        event_us = next_incident_us(p);
    }
    if (p->options->hindsight != NULL && p->next_look_us < event_us) {
        event_us = p->next_look_us;
    }
    int64_t steps = event_us <= now_us + step_us || event_us == INT64_MAX
                        ? 1
                        : (event_us - now_us + step_us - 1) / step_us;
    if (event_us == INT64_MAX || now_us + steps * step_us > end_us) {
        return end_us;
    }
    return now_us + steps * step_us;
}

static int play(struct player *p, struct err *err)
{
    int64_t step_us = p->options->step_us;
    int64_t first_us = demo_player_first_us(p->options, p->list);
    int64_t end_us = p->options->end_us != 0
                         ? p->options->end_us
                         : p->list->items[p->list->count - 1].occurred_us + p->options->tail_us;
    end_us = first_us + (end_us - first_us + step_us - 1) / step_us * step_us;
    p->next_look_us = p->options->hindsight != NULL ? p->options->hindsight->first_us : INT64_MAX;
    if (move_clock(p, first_us, err) < 0) {
        return -1;
    }
    while (p->now_us < end_us) {
        if (run_incidents(p, p->now_us, err) < 0 || look_back(p, err) < 0) {
            return -1;
        }
        int64_t step_end_us = next_step_end(p, p->now_us, end_us, p->backlog.next_due_us);
        /* A long jump first moves the clock to one step before the end, or the records would lie
         * too far ahead. */
        if (step_end_us - p->now_us > step_us && move_clock(p, step_end_us - step_us, err) < 0) {
            return -1;
        }
        if (send_step(p, step_end_us, err) < 0 || move_clock(p, step_end_us, err) < 0) {
            return -1;
        }
        if (p->options->progress != NULL) {
            p->options->progress(p->options->ctx, p->now_us, end_us, p->next, p->list->count);
        }
    }
    return 0;
}

/* Whoever sends something afterwards waits for nobody, however the play ended. */
static int let_go(const struct player *p, int rc, struct err *err)
{
    struct err later = ERR_NONE;
    if (demo_clock_set(p->options->db, p->now_us, 0, rc < 0 ? &later : err) < 0) {
        return -1;
    }
    return rc;
}

int64_t demo_player_first_us(const struct demo_player_options *options, struct record_list *list)
{
    record_list_sort(list);
    int64_t first_us = options->start_us != 0 ? options->start_us : list->items[0].occurred_us;
    return first_us - (first_us % options->step_us + options->step_us) % options->step_us;
}

/* Its sender sends over the options' client. */
static void begin(struct player *p)
{
    p->arena = arena_new(ARENA_BYTES);
    p->sender = record_sender_new(
        &(struct record_sender_options){.loop = cli_client_loop(p->options->client),
                                        .window = WINDOW,
                                        .resend_us = RESEND_US,
                                        .on_receipt = on_receipt,
                                        .ctx = p});
    cli_client_listen(p->options->client, on_reply, p);
    record_sender_use(p->sender, cli_client_socket(p->options->client));
}

static void end(struct player *p)
{
    record_sender_free(p->sender);
    arena_free(p->arena);
}

int demo_player_run(const struct demo_player_options *options, struct record_list *list,
                    struct import_tally *tally, struct err *err)
{
    struct player p = {.options = options, .list = list, .tally = tally};
    if (list->count == 0) {
        return err_set(err, "no_records", "there is nothing to play");
    }
    begin(&p);
    int rc = let_go(&p, play(&p, err), err);
    end(&p);
    return rc;
}

int demo_player_send(const struct demo_player_options *options, struct record_list *list,
                     struct import_tally *tally, struct err *err)
{
    struct player p = {.options = options, .list = list, .tally = tally};
    record_list_sort(list);
    begin(&p);
    int rc = send_until(&p, INT64_MAX, err);
    end(&p);
    return rc;
}
