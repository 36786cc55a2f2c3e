/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a record that was changed, with everything in memory. */
#include "common/audit/audit_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#define KEY_FILE                                                                                   \
    "installation garage\n"                                                                        \
    "salt 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"                      \
    "sign 9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60\n"

enum {
    ENTRIES = 600,
    RUN = 20, /* entries of one bucket in a row */
    HEADS = 3,
    FAULTS = 32,
};

struct world {
    struct audit_key *key;
    struct audit_event events[ENTRIES];
    bool is_deleted[ENTRIES];
    uint8_t bodies[ENTRIES];
    struct merkle_hash tiles[ENTRIES];
    struct audit_head heads[HEADS]; /* after a third, two thirds, all */
    size_t head_count, copy_count;
    struct audit_head copies[HEADS];
    size_t fault_count;
    char faults[FAULTS][160]; /* "kind: text" */
};

static void note(void *ctx, const char *kind, const char *text)
{
    struct world *w = ctx;
    if (w->fault_count < FAULTS) {
        (void)text_format(w->faults[w->fault_count], sizeof(w->faults[0]), "%s: %s", kind, text);
    }
    w->fault_count++;
}

static const struct merkle_hash *recorded(void *ctx, uint64_t position)
{
    const struct world *w = ctx;
    return position < ENTRIES ? &w->tiles[position] : NULL;
}

static void no_tile(void *ctx, unsigned level, uint64_t index, struct bytes hashes)
{
}

static struct merkle_hash leaf_of(const struct world *w, size_t i)
{
    uint8_t nonce[AUDIT_NONCE_LEN];
    audit_nonce(w->key, &w->events[i].place, nonce);
    return audit_leaf(&w->events[i], nonce);
}

static void sign(struct world *w, size_t i, size_t size)
{
    w->heads[i] = (struct audit_head){
        .number = (int64_t)i + 1,
        .root = {size, merkle_root_of(w->tiles, size)},
        .at_us = (int64_t)i
    };
    audit_head_sign(w->key, &w->heads[i]);
    w->copies[i] = w->heads[i];
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct err err = ERR_NONE;
    w->key = audit_key_parse(KEY_FILE, &err);
    const size_t turn = (size_t)3 * RUN;
    for (size_t i = 0; i < ENTRIES; i++) {
        w->bodies[i] = (uint8_t)(i % 251);
        /* Three buckets take turns. */
        w->events[i] = (struct audit_event){
            .place = {.stream = "intake.0",
                      .bucket = (int16_t)(i / RUN % 3),
                      .seq = (int64_t)(i / turn * RUN + i % RUN + 1)},
            .at_us = (int64_t)i,
            .customer = 1,
            .version = 1,
            .kind = "case_changed",
            .body = {&w->bodies[i],                    1                 },
        };
        w->tiles[i] = leaf_of(w, i);
    }
    for (size_t i = 0; i < HEADS; i++) {
        sign(w, i, ENTRIES / HEADS * (i + 1));
    }
    w->head_count = HEADS;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    audit_key_free(w->key);
    free(w);
    return 0;
}

static void check(struct world *w)
{
    static const struct merkle_edge nothing = {.size = 0};
    struct audit_check *c = audit_check_new(&(struct audit_check_options){.key = w->key,
                                                                          .first_head = 1,
                                                                          .fault = note,
                                                                          .recorded = recorded,
                                                                          .upper = no_tile,
                                                                          .ctx = w});
    for (size_t i = 0; i < w->head_count; i++) {
        audit_check_head(c, &w->heads[i]);
    }
    for (size_t i = 0; i < w->copy_count; i++) {
        audit_check_copy(c, &w->copies[i], "heads:1");
    }
    audit_check_begin(c, &nothing);
    for (size_t i = 0; i < ENTRIES; i++) {
        const struct audit_place *p = &w->events[i].place;
        if (i % RUN == 0) {
            assert_int_equal(audit_check_run(c, i, p, p->seq + RUN - 1), 0);
        }
        audit_check_entry(c, p, w->is_deleted[i] ? NULL : &w->events[i]);
    }
    audit_check_end(c, ENTRIES);
    assert_int_equal(audit_check_position(c), ENTRIES);
    assert_int_equal(audit_check_last_seq(c, "intake.0", 1), ENTRIES / 3);
    audit_check_free(c);
}

static void assert_only(const struct world *w, const char *fault)
{
    assert_int_equal(w->fault_count, 1);
    assert_non_null(strstr(w->faults[0], fault));
}

static void what_nobody_touched_has_no_faults(void **state)
{
    struct world *w = *state;
    w->copy_count = HEADS;
    check(w);
    assert_int_equal(w->fault_count, 0);
}

static void an_edited_event_is_named_though_the_head_after_it_is_right(void **state)
{
    struct world *w = *state;
    w->bodies[230] ^= 1;
    check(w);
    assert_only(w, "event_changed: event intake.0/2/71");
}

static void a_deleted_event_is_named(void **state)
{
    struct world *w = *state;
    w->is_deleted[0] = true;
    check(w);
    assert_only(w, "event_deleted: event intake.0/0/1 ");
}

static void an_edited_hash_is_not_taken_for_an_edited_event(void **state)
{
    struct world *w = *state;
    w->tiles[300].bytes[7] ^= 1;
    check(w);
    assert_only(w, "tile_changed: hash 44 of tile 0/1");
}

static void events_that_changed_places_are_told_as_one_swap(void **state)
{
    struct world *w = *state;
    const struct audit_event a = w->events[10];
    w->events[10] = w->events[110];
    w->events[110] = a;
    w->events[110].place = w->events[10].place;
    w->events[10].place = a.place;
    check(w);
    assert_only(w, "events_swapped: what was recorded as event intake.0/0/11 stands at "
                   "intake.0/2/31 now");
}

/* Each part between two heads is judged by itself. */
static void an_event_and_a_hash_elsewhere_are_told_apart(void **state)
{
    struct world *w = *state;
    w->bodies[5] ^= 1;
    w->tiles[500].bytes[0] ^= 1;
    check(w);
    assert_int_equal(w->fault_count, 2);
    assert_non_null(strstr(w->faults[0], "event_changed: event intake.0/0/6"));
    assert_non_null(strstr(w->faults[1], "tile_changed: hash 244 of tile 0/1"));
}

static void an_event_that_was_changed_with_its_hash_contradicts_the_head(void **state)
{
    struct world *w = *state;
    w->bodies[250] ^= 1;
    w->tiles[250] = leaf_of(w, 250);
    check(w);
    assert_only(w, "head_wrong: entries 200 to 400 are not those that head 2 was signed for");
}

static void a_head_that_was_changed_or_taken_out_is_named(void **state)
{
    struct world *w = *state;
    w->heads[1].root.hash.bytes[0] ^= 1;
    check(w);
    assert_only(w, "head_changed: head 2");
    w->fault_count = 0;
    w->heads[1] = w->heads[2];
    w->head_count = 2;
    check(w);
    assert_only(w, "head_missing: heads 2 to 2");
}

static void a_copy_knows_of_heads_that_are_gone(void **state)
{
    struct world *w = *state;
    w->head_count = 2;
    w->copy_count = HEADS;
    check(w);
    assert_only(w, "head_missing: head 3 of 600 entries, which heads:1 has");
}

static void a_copy_that_nobody_signed_is_no_evidence(void **state)
{
    struct world *w = *state;
    w->copy_count = 1;
    w->copies[0].root.size = 5000;
    check(w);
    assert_only(w, "copy_unreadable: heads:1");
}

static void a_copy_with_another_head_of_that_number_tells_of_two_records(void **state)
{
    struct world *w = *state;
    w->copy_count = HEADS;
    w->copies[1].at_us++;
    audit_head_sign(w->key, &w->copies[1]);
    check(w);
    assert_only(w, "head_changed: head 2 is another one in heads:1");
}

static void a_copy_of_a_longer_record_tells_that_this_one_was_cut(void **state)
{
    struct world *w = *state;
    w->copy_count = HEADS;
    w->copies[2].number = 4;
    w->copies[2].root.size = 601;
    audit_head_sign(w->key, &w->copies[2]);
    check(w);
    assert_int_equal(w->fault_count, 2);
    assert_non_null(strstr(w->faults[1], "record_cut: the record ends after 600 entries"));
}

static void changes_without_number_are_counted(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < ENTRIES; i++) {
        w->bodies[i] ^= 128;
    }
    w->head_count = 0;
    check(w);
    assert_int_equal(w->fault_count, 256 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_touched_has_no_faults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_edited_event_is_named_though_the_head_after_it_is_right,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_deleted_event_is_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_edited_hash_is_not_taken_for_an_edited_event, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(events_that_changed_places_are_told_as_one_swap, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_event_and_a_hash_elsewhere_are_told_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            an_event_that_was_changed_with_its_hash_contradicts_the_head, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_head_that_was_changed_or_taken_out_is_named, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_copy_knows_of_heads_that_are_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_that_nobody_signed_is_no_evidence, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            a_copy_with_another_head_of_that_number_tells_of_two_records, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_copy_of_a_longer_record_tells_that_this_one_was_cut,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(changes_without_number_are_counted, set_up, tear_down),
    };

    return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
