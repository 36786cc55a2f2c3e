/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/triage_report.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/model/proportion.h"
#include "services/cli/cli_table.h"

static json_t *json_share(struct triage_share share)
{
    struct interval i = proportion_wilson_95((double)share.right, (double)share.count);
    return json_pack("{s:I, s:I, s:f, s:f}", "texts", (json_int_t)share.count, "right",
                     (json_int_t)share.right, "low", i.low, "high", i.high);
}

json_t *triage_report_score(struct triage_score *s, size_t labels)
{
    json_t *list = json_array();
    for (size_t i = 0; i < labels; i++) {
        struct triage_label_score l = triage_score_label(s, i);
        json_array_append_new(list,
                              json_pack("{s:s, s:I, s:I, s:I, s:I}", "label", l.label, "texts",
                                        (json_int_t)l.count, "right", (json_int_t)l.right, "told",
                                        (json_int_t)l.told, "abstained", (json_int_t)l.abstained));
    }
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o}", "labels", list, "all", json_share(triage_score_at(s, 1)),
        "surest_90", json_share(triage_score_at(s, 0.9)), "surest_80",
        json_share(triage_score_at(s, 0.8)), "over_threshold", json_share(triage_score_told(s)));
}

void triage_report_print(json_t *json)
{
    (void)json_dumpf(json, stdout, JSON_INDENT(2));
    (void)fputc('\n', stdout);
    json_decref(json);
}

void triage_report_print_score(const struct cli *cli, struct triage_score *s,
                               const struct triage_model *m)
{
    struct text table = {0};
    if (cli->is_json) {
        triage_report_print(triage_report_score(s, triage_model_label_count(m)));
        return;
    }
    triage_score_print(s, &table);
    (void)fputs(text_or_empty(&table), stdout);
    text_free(&table);
}

/* ---- what a model says about itself */

json_t *triage_report_model(const struct triage_model *m)
{
    const struct triage_facts *f = triage_model_facts(m);
    char trained[INSTANT_TEXT_SIZE];
    json_t *labels = json_array();
    for (size_t i = 0; i < triage_model_label_count(m); i++) {
        const struct triage_label *l = triage_model_label(m, i);
        json_array_append_new(
            labels, json_pack("{s:s, s:I}", "label", l->name, "examples", (json_int_t)l->examples));
    }
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:I, s:f, s:o, s:o, s:o}", "purpose", triage_purpose_name(f->purpose),
        "hash", triage_model_hash(m), "trained", instant_format(f->trained_us, trained), "examples",
        (json_int_t)f->examples, "features", (json_int_t)f->features, "threshold",
        f->threshold_millionths / (double)TRIAGE_MILLION, "labels", labels, "held_back",
        json_share((struct triage_share){.count = f->told, .right = f->told_right}),
        "held_back_over_threshold",
        json_share((struct triage_share){.count = f->covered, .right = f->covered_right}));
}

static void print_right(const char *what, size_t right, size_t count)
{
    struct interval i = proportion_wilson_95((double)right, (double)count);
    (void)printf("%s%.2f %% right [%.2f %%, %.2f %%] of %zu\n", what,
                 count > 0 ? 100.0 * (double)right / (double)count : 0.0, 100 * i.low, 100 * i.high,
                 count);
}

void triage_report_print_model(const struct triage_model *m)
{
    static const char *const titles[] = {"LABEL", ">EXAMPLES"};
    const struct triage_facts *f = triage_model_facts(m);
    struct cli_table table = {.titles = titles, .count = 2};
    char trained[CLI_NAME_SIZE];
    (void)printf("%s model %s\ntrained     %s, from %" PRIu32 " texts\n",
                 triage_purpose_name(f->purpose), triage_model_hash(m),
                 cli_time_text(true, f->trained_us, trained), f->examples);
    print_right("held back   ", f->told_right, f->told);
    if (f->threshold_millionths > TRIAGE_MILLION) {
        (void)printf("threshold   none reaches %.1f %%: it always abstains\n",
                     f->target_millionths / 1e4);
    } else {
        (void)printf("threshold   confidence %.3f, which lets through %.1f %%\n",
                     f->threshold_millionths / 1e6,
                     f->told > 0 ? 100.0 * f->covered / f->told : 0.0);
        print_right("  over it   ", f->covered_right, f->covered);
    }
    (void)printf("knows       %" PRIu32 " pieces of words, hashed: no text, so none can be shown\n",
                 f->features);
    for (size_t i = 0; i < triage_model_label_count(m); i++) {
        cli_table_add(&table, "%s", triage_model_label(m, i)->name);
        cli_table_add(&table, "%" PRIu32, triage_model_label(m, i)->examples);
    }
    cli_table_print(&table, stdout);
}

/* ---- what it tells of a text */

static struct triage_result tell(const struct triage_model *m, const char *text, double *ret_shares)
{
    struct triage_features *features = xcalloc(1, sizeof(*features));
    struct triage_result told;
    triage_features_read(features, &text, 1);
    triage_model_predict(m, features, ret_shares, &told);
    free(features);
    return told;
}

void triage_report_print_told(const struct triage_model *m, const char *text)
{
    static const char *const titles[] = {"LABEL", ">SHARE"};
    struct cli_table table = {.titles = titles, .count = 2};
    double shares[TRIAGE_LABELS_MAX];
    struct triage_result told = tell(m, text, shares);
    (void)printf("\n%s: %s\n", triage_purpose_name(triage_model_facts(m)->purpose),
                 told.is_abstained ? "abstains, a person has to look"
                                   : triage_model_label(m, told.label)->name);
    for (size_t i = 0; i < triage_model_label_count(m); i++) {
        cli_table_add(&table, "%s", triage_model_label(m, i)->name);
        cli_table_add(&table, "%.1f %%", 100 * shares[i]);
    }
    cli_table_print(&table, stdout);
}

json_t *triage_report_told(const struct triage_model *m, const char *text)
{
    struct triage_result told = tell(m, text, NULL);
    return json_pack("{s:s, s:f, s:b}", "label", triage_model_label(m, told.label)->name,
                     "confidence", told.confidence, "is_abstained", told.is_abstained);
}
