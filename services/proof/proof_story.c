/* SPDX-License-Identifier: Apache-2.0 */
#include "services/proof/proof_story.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/base/text.h"
#include "common/base/xalloc.h"
#include "common/domain/identifier.h"
#include "common/runtime/event_case.h"
#include "common/runtime/message_json.h"

/* ---- checking */

static int check_event(const struct audit_proof *p, const struct audit_entry *e,
                       const Troth__V1__Event *event)
{
    const char *kind = event_kind(event);
    json_t *words = message_to_json(&event->base);
    const bool is_same = kind && strcmp(kind, e->event.kind) == 0 &&
                         event_case(event) == p->case_number &&
                         event->customer == e->event.customer &&
                         event->version == e->event.version && json_equal(words, e->words);
    json_decref(words);
    return is_same ? 0 : -1;
}

int proof_story_check(const struct audit_proof *p, struct err *err)
{
    char name[IDENTIFIER_TEXT_SIZE];
    identifier_format(IDENTIFIER_CASE, p->case_number, name);
    if (strcmp(name, p->case_text) != 0) {
        return err_set(err, "proof_wrong", "the case's number and its name are not the same");
    }
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct audit_entry *e = &p->entries[i];
        Troth__V1__Event *event =
            troth__v1__event__unpack(NULL, e->event.body.len, e->event.body.data);
        const int rc = event ? check_event(p, e, event) : -1;
        if (event) {
            troth__v1__event__free_unpacked(event, NULL);
        }
        if (rc < 0) {
            return err_set(err, "proof_wrong",
                           "the words of entry %zu are not what its bytes say, or it is of another "
                           "case",
                           i + 1);
        }
    }
    return 0;
}

/* ---- telling */

static int compare_versions(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* Changes of a case are numbered from 1: a number that is missing is an event that was kept back,
 * or that tells of something else than the case. Returns the first one that is missing, or 0, and
 * the last one that is there. */
static int64_t first_missing(const struct audit_proof *p, int64_t *ret_last)
{
    int64_t *versions = xcalloc(p->entry_count, sizeof(*versions));
    int64_t want = 1, missing = 0;
    for (size_t i = 0; i < p->entry_count; i++) {
        versions[i] = p->entries[i].event.version;
    }
    qsort(versions, p->entry_count, sizeof(*versions), compare_versions);
    for (size_t i = 0; i < p->entry_count; i++) {
        if (versions[i] > want && missing == 0) {
            missing = want;
        }
        want = versions[i] >= want ? versions[i] + 1 : want;
    }
    free(versions);
    *ret_last = want - 1;
    return missing;
}

static void tell_entries(const struct audit_proof *p, FILE *out)
{
    for (size_t i = 0; i < p->entry_count; i++) {
        const struct audit_event *e = &p->entries[i].event;
        char at[INSTANT_TEXT_SIZE];
        const json_t *said = json_object_get(p->entries[i].words, e->kind);
        char *words = said ? json_dumps(said, JSON_COMPACT) : NULL;
        (void)fprintf(out, "  %2zu  %s  %-20s  %s/%d/%" PRId64 "\n      %s\n", i + 1,
                      instant_format(e->at_us, at), e->kind, e->place.stream, e->place.bucket,
                      e->place.seq, words ? words : "");
        free(words);
    }
}

static void tell_completeness(const struct audit_proof *p, FILE *out)
{
    int64_t last = 0;
    const int64_t missing = first_missing(p, &last);
    if (missing == 0) {
        (void)fprintf(out,
                      "They have the changes 1 to %" PRId64
                      " of the case, with none left out in between.\n"
                      "其中包含该案件的第 1 至第 %" PRId64 " 次变更，中间没有遗漏。\n",
                      last, last);
        return;
    }
    (void)fprintf(out,
                  "Change %" PRId64 " of the case is not among them: it was left out, or it is "
                  "told by no event.\n"
                  "其中不包含该案件的第 %" PRId64 " 次变更：可能被略去，或没有对应的事件。\n",
                  missing, missing);
}

void proof_story_tell(const struct audit_proof *p, const struct audit_head *kept, FILE *out)
{
    char at[INSTANT_TEXT_SIZE];
    char key[2 * AUDIT_KEY_ID_LEN + 1];
    bytes_to_hex((struct bytes){p->head.key_id, AUDIT_KEY_ID_LEN}, key);
    instant_format(p->head.at_us, at);
    (void)fprintf(out, "PROVEN  已证明\n\n");
    (void)fprintf(
        out,
        "These %zu entries of case %s stood in the record of \"%s\" when its head %" PRId64
        " was\nsigned, at %s (key %s, %" PRIu64
        " entries in all), and none of them\nwas changed since.\n",
        p->entry_count, p->case_text, p->head.installation, p->head.number, at, key,
        p->head.root.size);
    (void)fprintf(out,
                  "案件 %s 的以下 %zu 条记录在“%s”的第 %" PRId64
                  " 个签名根签署时（%s，密钥 %s，共 %" PRIu64
                  " 条）\n已存在于存证中，此后未经改动。\n\n",
                  p->case_text, p->entry_count, p->head.installation, p->head.number, at, key,
                  p->head.root.size);
    tell_entries(p, out);
    (void)fputc('\n', out);
    tell_completeness(p, out);
    if (kept) {
        (void)fprintf(out,
                      "The record still begins with the %" PRIu64
                      " entries that the head you kept was signed for.\n"
                      "存证的前 %" PRIu64 " 条与您保存的签名根一致。\n",
                      kept->root.size, kept->root.size);
    }
    (void)fputs("The times are those that the installation wrote down. Whether nothing was added "
                "after that head,\nthis proof cannot say.\n"
                "所列时间为该机构记录的时间；签署之后是否新增了记录，本证明无法说明。\n",
                out);
}

void proof_story_refuse(const struct err *err, FILE *out)
{
    (void)fprintf(out,
                  "NOT PROVEN  未能证明\n\n%s.\n\n"
                  "Either the proof, the record or the head was changed, or the key is of another\n"
                  "installation.\n"
                  "证明、存证或签名根被改动过，或者公钥属于其他机构。\n",
                  err->text);
}
