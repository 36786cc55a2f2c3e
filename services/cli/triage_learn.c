/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_learn.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/xalloc.h"
#include "common/domain/triage_score.h"
#include "common/domain/triage_train.h"
#include "services/cli/triage_examples.h"
#include "services/cli/triage_file.h"
#include "services/cli/triage_report.h"

/* Calls each for the rows of that part in all files. */
static int read_files(const struct triage_options *o, char **paths, enum triage_part part,
                      triage_example_fn *each, void *ctx, struct err *err)
{
    const struct triage_rows rows = {
        .columns = {.text = o->text, .label = o->label, .held_out = o->held_out},
        .part = part,
        .each = each,
        .ctx = ctx,
    };
    int rc = 0;
    for (; rc == 0 && *paths; paths++) {
        rc = triage_examples_each(*paths, &rows, err);
    }
    return rc;
}

/* ---- scores */

struct scoring {
    const struct triage_model *model;
    struct triage_score *score;
    struct triage_features *features;
};

/* The label as the model has it; a mood that is none stays what it is and is told wrong. */
static const char *model_label(const struct triage_model *m, const char *label)
{
    const char *mood =
        triage_model_facts(m)->purpose == TRIAGE_MOOD ? triage_examples_mood(label) : NULL;
    return mood ? mood : label;
}

static int score_row(void *ctx, const char *text, const char *label, struct err *err)
{
    struct scoring *s = ctx;
    struct triage_result told;
    (void)err;
    triage_features_read(s->features, &text, 1);
    triage_model_predict(s->model, s->features, NULL, &told);
    triage_score_add(s->score, model_label(s->model, label), &told);
    return 0;
}

/* Ended by the caller with triage_score_free(); NULL with err. */
static struct triage_score *score_files(const struct triage_model *m,
                                        const struct triage_options *o, enum triage_part part,
                                        char **paths, struct err *err)
{
    struct scoring s = {
        .model = m,
        .score = triage_score_new(m),
        .features = xcalloc(1, sizeof(*s.features)),
    };
    int rc = read_files(o, paths, part, score_row, &s, err);
    free(s.features);
    if (rc < 0) {
        triage_score_free(s.score);
        return NULL;
    }
    return s.score;
}

/* ---- train */

struct training {
    struct triage_trainer *trainer;
    struct triage_features *features;
    bool is_mood;
};

static int train_row(void *ctx, const char *text, const char *label, struct err *err)
{
    struct training *t = ctx;
    const char *name = t->is_mood ? triage_examples_mood(label) : label;
    if (!name) {
        return err_set(err, "label_invalid",
                       "a mood is positive or negative, or 1 or 0, not what stands here");
    }
    triage_features_read(t->features, &text, 1);
    return triage_trainer_add(t->trainer, t->features, name, 1, err);
}

static int train_files(const struct triage_training *terms, const struct triage_options *o,
                       char **paths, struct buffer *ret, struct err *err)
{
    struct training t = {
        .trainer = triage_trainer_new(terms),
        .features = xcalloc(1, sizeof(*t.features)),
        .is_mood = terms->purpose == TRIAGE_MOOD,
    };
    int rc = read_files(o, paths, TRIAGE_LEARNED, train_row, &t, err);
    rc = rc < 0 ? rc : triage_trainer_finish(t.trainer, ret, err);
    triage_trainer_free(t.trainer);
    free(t.features);
    return rc;
}

static int report_training(const struct cli *cli, const struct triage_options *o, char **paths,
                           const struct buffer *file, struct err *err)
{
    struct triage_score *score = NULL;
    struct triage_model *m =
        triage_model_read((struct bytes){.data = file->data, .len = file->len}, err);
    if (m && o->held_out) {
        score = score_files(m, o, TRIAGE_HELD_OUT, paths, err);
    }
    int rc = m && (score || !o->held_out) ? 0 : -1;
    if (rc == 0 && cli->is_json) {
        json_t *json = triage_report_model(m);
        if (score) {
            json_object_set_new(json, "held_out",
                                triage_report_score(score, triage_model_label_count(m)));
        }
        triage_report_print(json);
    } else if (rc == 0) {
        triage_report_print_model(m);
        (void)printf("\nwritten     %s, %zu bytes\n", o->out, file->len);
        if (score) {
            (void)puts("\nheld out");
            triage_report_print_score(cli, score, m);
        }
    }
    triage_score_free(score);
    triage_model_free(m);
    return rc;
}

int triage_learn_train(const struct cli *cli, const struct triage_options *o, char **paths)
{
    struct triage_training terms = {
        .purpose = TRIAGE_CATEGORY,
        .target = o->target > 0 ? (double)o->target / 100 : TRIAGE_TARGET_USUAL,
        .seed = (uint64_t)o->seed,
        .trained_us = instant_now_us(),
    };
    struct buffer file = {0};
    struct err err = ERR_NONE;
    if (!*paths || !o->text || !o->label || !o->out) {
        return cli_wrong_usage(cli, "give CSV files, --text, --label and --out");
    }
    if (o->target > 100 || (o->purpose && triage_purpose_parse(o->purpose, &terms.purpose) < 0)) {
        return cli_wrong_usage(cli, "--target takes 1 to 100, --purpose category or mood");
    }
    int rc = train_files(&terms, o, paths, &file, &err);
    if (rc == 0) {
        rc = triage_file_save(o->out, (struct bytes){.data = file.data, .len = file.len}, &err);
    }
    if (rc == 0) {
        rc = report_training(cli, o, paths, &file, &err);
    }
    buffer_free(&file);
    return rc < 0 ? cli_fail(cli, CLI_USAGE, &err) : CLI_OK;
}

/* ---- test */

int triage_learn_test(const struct cli *cli, const struct triage_options *o, char **paths)
{
    struct triage_score *score = NULL;
    struct err err = ERR_NONE;
    if (!paths[0] || !paths[1] || !o->text || !o->label) {
        return cli_wrong_usage(cli, "give a model, CSV files, --text and --label");
    }
    struct triage_model *m = triage_file_load(paths[0], NULL, &err);
    if (m) {
        score = score_files(m, o, o->held_out ? TRIAGE_HELD_OUT : TRIAGE_ALL, paths + 1, &err);
    }
    if (score) {
        triage_report_print_score(cli, score, m);
    }
    int code = score ? CLI_OK : cli_fail(cli, CLI_USAGE, &err);
    triage_score_free(score);
    triage_model_free(m);
    return code;
}
