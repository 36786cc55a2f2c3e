/* SPDX-License-Identifier: Apache-2.0 */
#include "services/intake/train_triage.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/duration.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/domain/triage_score.h"
#include "common/domain/triage_train.h"
#include "intake.pb-c.h"
#include "services/intake/intake_keyring_store.h"
#include "services/intake/intake_settings.h"
#include "services/intake/opened_text.h"
#include "services/intake/text_reader.h"
#include "services/intake/train_triage_store.h"
#include "services/intake/triage_model_store.h"

#define CONNECT_US (10 * DURATION_S)
#define READ_FOR   "job train-triage" /* in the list of disclosures */

enum {
    STAFF_WEIGHT = 3,             /* somebody looked */
    BUCKET_CASES_MAX = 400,       /* to learn from: a hundred thousand in all */
    BUCKET_HELD_OUT_MAX = 100,    /* to be told */
    TEXT_BYTES_MAX = 1024 * 1024, /* of one fact, opened */
};

/* One purpose. */
struct subject {
    enum triage_purpose purpose;
    struct triage_trainer *trainer;
    struct buffer file; /* of the new model */
    struct triage_model *model, *in_force;
    struct triage_score *score, *score_in_force; /* on the same cases */
};

struct school {
    struct text_reader *reader;
    struct triage_features *features;
    struct subject subjects[TRIAGE_PURPOSES]; /* by purpose; 0 is none */
    int64_t cases;
};

static struct subject *first_subject(struct school *s)
{
    return &s->subjects[TRIAGE_CATEGORY];
}

static struct subject *end_of_subjects(struct school *s)
{
    return &s->subjects[TRIAGE_PURPOSES];
}

/* ---- one case */

/* Returns whether there is a text; what is damaged is logged and passed over. */
static bool open_text(struct school *s, const struct db_rows *rows, size_t i)
{
    struct text_reader *r = s->reader;
    const struct opened_place place = {r->keyring, rows, i, TRAIN_TRIAGE_TEXT, r->arena};
    const char *texts[2];
    struct err err = ERR_NONE;
    arena_reset(r->arena);
    if (opened_text_field(&place, "subject", &texts[0], &err) < 0 ||
        opened_text_field(&place, "body", &texts[1], &err) < 0) {
        r->damaged++;
        opened_text_log_damaged(&place, &err);
        return false;
    }
    triage_features_read(s->features, texts, ARRAY_LEN(texts));
    return s->features->count > 0;
}

/* NULL: nothing is known about it. */
static const char *label_of(const struct db_rows *rows, size_t i, enum triage_purpose purpose)
{
    if (purpose == TRIAGE_CATEGORY) {
        return db_is_null(rows, i, TRAIN_TRIAGE_CATEGORY)
                   ? NULL
                   : db_get_text(rows, i, TRAIN_TRIAGE_CATEGORY);
    }
    switch (db_get_int(rows, i, TRAIN_TRIAGE_KIND)) {
    case TROTH__V1__CONTACT_KIND__CONTACT_KIND_COMPLAINT:
        return TRIAGE_NEGATIVE;
    case TROTH__V1__CONTACT_KIND__CONTACT_KIND_PRAISE:
        return TRIAGE_POSITIVE;
    default:
        return NULL;
    }
}

static int learn_case(struct subject *sub, const struct school *s, const struct db_rows *rows,
                      size_t i, struct err *err)
{
    const char *label = label_of(rows, i, sub->purpose);
    bool is_corrected =
        sub->purpose == TRIAGE_CATEGORY && db_get_bool(rows, i, TRAIN_TRIAGE_BY_STAFF);
    return label ? triage_trainer_add(sub->trainer, s->features, label,
                                      is_corrected ? STAFF_WEIGHT : 1, err)
                 : 0;
}

/* m: NULL, there is none. */
static void tell(const struct triage_model *m, const struct triage_features *f, const char *label,
                 struct triage_score *score)
{
    if (m) {
        struct triage_result told;
        triage_model_predict(m, f, NULL, &told);
        triage_score_add(score, label, &told);
    }
}

static int tell_case(struct subject *sub, const struct school *s, const struct db_rows *rows,
                     size_t i, struct err *err)
{
    const char *label = label_of(rows, i, sub->purpose);
    (void)err;
    if (label) {
        tell(sub->model, s->features, label, sub->score);
        tell(sub->in_force, s->features, label, sub->score_in_force);
    }
    return 0;
}

/* ---- all cases */

typedef int case_fn(struct subject *sub, const struct school *s, const struct db_rows *rows,
                    size_t i, struct err *err);

static void queue_slice(struct text_reader *r, const void *what)
{
    train_triage_read(r->db, what);
}

static int use_rows(struct school *s, const struct db_rows *rows, case_fn *use, struct err *err)
{
    for (size_t i = 0; i < db_row_count(rows); i++) {
        bool is_said = open_text(s, rows, i);
        for (struct subject *sub = first_subject(s); is_said && sub < end_of_subjects(s); sub++) {
            if (use(sub, s, rows, i, err) < 0) {
                return -1;
            }
        }
        s->cases += is_said;
    }
    return 0;
}

static int use_bucket(struct school *s, struct train_triage_slice slice, case_fn *use,
                      struct err *err)
{
    bool is_end = false;
    while (!is_end && slice.cases_max > 0 && !s->reader->service->is_draining) {
        const struct db_reply *reply = text_reader_run(s->reader, queue_slice, &slice, err);
        if (!reply || use_rows(s, reply->rows[0], use, err) < 0) {
            return -1;
        }
        size_t count = db_row_count(reply->rows[0]);
        is_end = count == 0;
        slice.before = is_end ? 0 : db_get_int(reply->rows[0], count - 1, TRAIN_TRIAGE_CASE);
        slice.cases_max -= (int64_t)count;
    }
    return 0;
}

static int use_all(struct school *s, bool is_held_out, case_fn *use, struct err *err)
{
    for (int16_t bucket = 0; bucket < BUCKET_COUNT && !s->reader->service->is_draining; bucket++) {
        const struct train_triage_slice slice = {
            .bucket = bucket,
            .before = INT64_MAX,
            .is_held_out = is_held_out,
            .cases_max = is_held_out ? BUCKET_HELD_OUT_MAX : BUCKET_CASES_MAX,
        };
        if (use_bucket(s, slice, use, err) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- models */

static void queue_in_force(struct text_reader *r, const void *what)
{
    (void)what;
    triage_model_store_ask_models(r->db);
}

/* One that cannot be read has told nothing right. */
static int load_in_force(struct school *s, struct err *err)
{
    const struct db_reply *reply = text_reader_run(s->reader, queue_in_force, NULL, err);
    for (size_t i = 0; reply && i < db_row_count(reply->rows[0]); i++) {
        enum triage_purpose purpose;
        const struct db_rows *rows = reply->rows[0];
        if (triage_purpose_parse(db_get_text(rows, i, TRIAGE_MODEL_PURPOSE), &purpose) < 0) {
            continue;
        }
        struct subject *sub = &s->subjects[purpose];
        sub->in_force = triage_model_store_open(rows, i, purpose);
        sub->score_in_force = sub->in_force ? triage_score_new(sub->in_force) : NULL;
    }
    return reply ? 0 : -1;
}

/* Too few examples are no failure: the other purpose may have enough. */
static int make_model(struct subject *sub, struct err *err)
{
    struct err why = ERR_NONE;
    if (triage_trainer_finish(sub->trainer, &sub->file, &why) < 0) {
        if (strcmp(why.code, "too_few_examples") != 0) {
            *err = why;
            return -1;
        }
        (void)printf("%s: %s\n", triage_purpose_name(sub->purpose), why.text);
        return 0;
    }
    sub->model =
        triage_model_read((struct bytes){.data = sub->file.data, .len = sub->file.len}, err);
    if (!sub->model) {
        return -1;
    }
    sub->score = triage_score_new(sub->model);
    return 0;
}

static size_t right_of_all(struct triage_score *score)
{
    return score ? triage_score_at(score, 1).right : 0;
}

static void describe(struct subject *sub, bool is_active, struct text *out)
{
    const struct triage_facts *f = triage_model_facts(sub->model);
    text_appendf(out, "%s, learned from %" PRIu32 " texts, told %zu others\n",
                 triage_purpose_name(sub->purpose), f->examples, triage_score_count(sub->score));
    triage_score_print(sub->score, out);
    if (sub->in_force) {
        text_appendf(out, "the one in force told %zu of them right, this one %zu\n",
                     right_of_all(sub->score_in_force), right_of_all(sub->score));
    }
    text_append(out, is_active ? "in force from now on\n" : "not put in force\n");
}

static void queue_add(struct text_reader *r, const void *what)
{
    triage_model_store_add(r->db, what);
}

static int store_model(struct school *s, struct subject *sub, struct err *err)
{
    struct text report = {0};
    bool is_active = right_of_all(sub->score) >= right_of_all(sub->score_in_force);
    describe(sub, is_active, &report);
    (void)fputs(report.data, stdout);
    const struct triage_new_model row = {
        .purpose = sub->purpose,
        .hash = triage_model_hash(sub->model),
        .body = {.data = sub->file.data, .len = sub->file.len},
        .report = report.data,
        .is_active = is_active,
        .trained_us = s->reader->began_us,
    };
    const struct db_reply *reply = text_reader_run(s->reader, queue_add, &row, err);
    text_free(&report);
    return reply ? 0 : -1;
}

/* ---- the job */

static int stopped(void)
{
    (void)printf("stopped before the end; start it again\n");
    return -1;
}

static int teach(struct school *s, struct err *err)
{
    if (text_reader_note_reading(s->reader, READ_FOR, err) < 0 || load_in_force(s, err) < 0 ||
        use_all(s, false, learn_case, err) < 0) {
        return -1;
    }
    for (struct subject *sub = first_subject(s); sub < end_of_subjects(s); sub++) {
        if (s->reader->service->is_draining) {
            return stopped();
        }
        if (make_model(sub, err) < 0) {
            return -1;
        }
    }
    if (use_all(s, true, tell_case, err) < 0) {
        return -1;
    }
    if (s->reader->service->is_draining) {
        return stopped();
    }
    for (struct subject *sub = first_subject(s); sub < end_of_subjects(s); sub++) {
        if (sub->model && store_model(s, sub, err) < 0) {
            return -1;
        }
    }
    (void)printf("cases read: %" PRId64 ", damaged: %" PRId64 "\n", s->cases, s->reader->damaged);
    return 0;
}

static void open_subjects(struct school *s)
{
    for (struct subject *sub = first_subject(s); sub < end_of_subjects(s); sub++) {
        sub->purpose = (enum triage_purpose)(sub - s->subjects);
        sub->trainer = triage_trainer_new(&(struct triage_training){
            .purpose = sub->purpose,
            .target = TRIAGE_TARGET_USUAL,
            .trained_us = s->reader->began_us,
        });
    }
}

static void close_subjects(struct school *s)
{
    for (struct subject *sub = first_subject(s); sub < end_of_subjects(s); sub++) {
        triage_trainer_free(sub->trainer);
        buffer_free(&sub->file);
        triage_score_free(sub->score);
        triage_score_free(sub->score_in_force);
        triage_model_free(sub->model);
        triage_model_free(sub->in_force);
    }
}

static int run(struct service *s, struct keyring *keyring, struct err *err)
{
    struct text_reader reader = {.service = s, .keyring = keyring, .began_us = service_now_us(s)};
    struct school school = {.reader = &reader};
    if (intake_keyring_register(s->db, keyring, NULL, err) < 0) {
        return -1;
    }
    reader.db = db_pool_wait(s->db, CONNECT_US, err);
    if (!reader.db) {
        return -1;
    }
    reader.arena = arena_new(TEXT_BYTES_MAX);
    school.features = xcalloc(1, sizeof(*school.features));
    open_subjects(&school);
    int rc = teach(&school, err);
    close_subjects(&school);
    free(school.features);
    arena_free(reader.arena);
    db_release(reader.db);
    return rc;
}

int train_triage_run(struct service *s, struct err *err)
{
    const struct intake_settings *settings = s->settings;
    struct keyring *keyring = keyring_load(settings->master_key_file, err);
    int rc = keyring ? run(s, keyring, err) : -1;
    keyring_free(keyring);
    return rc;
}
