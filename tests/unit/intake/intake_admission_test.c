/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that need no running intake; the others stand in tests/system. */
#include "services/intake/intake_admission.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void a_message_needs_the_right_and_a_key_in_force(void **state)
{
    static const struct {
        struct principal principal;
        int want;
    } cases[] = {
        {{.id = 7, .rights = RIGHT_RECORDS},                0 },
        {{.id = 7, .rights = RIGHT_RECORDS | RIGHT_EVENTS}, 0 },
        {{.id = 7, .rights = RIGHT_DISCLOSURE},             -1},
        {{.id = 0, .rights = 0},                            -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        assert_int_equal(intake_admit_message(&cases[i].principal, &err), cases[i].want);
        assert_string_equal(err.code, cases[i].want ? "not_permitted" : "");
    }
}

static void a_record_needs_its_kind_and_its_branch(void **state)
{
    char some[] = "north\n", north[] = "north", south[] = "south", empty[] = "";
    Troth__V1__Contact contact = TROTH__V1__CONTACT__INIT;
    Troth__V1__CustomerProfile profile = TROTH__V1__CUSTOMER_PROFILE__INIT;
    Troth__V1__Record records[] = {TROTH__V1__RECORD__INIT, TROTH__V1__RECORD__INIT,
                                   TROTH__V1__RECORD__INIT};
    const uint64_t contacts = record_kind_parse("contact");
    records[0].body_case = TROTH__V1__RECORD__BODY_CONTACT;
    records[0].contact = &contact;
    records[1].body_case = TROTH__V1__RECORD__BODY_CUSTOMER_PROFILE;
    records[1].customer_profile = &profile;
    const struct {
        const char *name;
        uint64_t kinds;
        char *branches;
        const Troth__V1__Record *record;
        char *branch;
        const char *want_code, *want_field;
    } cases[] = {
        {"everything",              PRINCIPAL_ALL, NULL,  &records[0], south, "",                     ""       },
        {"its kind",                contacts,      NULL,  &records[0], NULL,  "",                     ""       },
        {"another kind",            contacts,      NULL,  &records[1], NULL,  "kind_not_permitted",
         "customer_profile"                                                                                    },
        {"no kind",                 0,             NULL,  &records[0], NULL,  "kind_not_permitted",   "contact"},
        {"its branch",              PRINCIPAL_ALL, some,  &records[0], north, "",                     ""       },
        {"another branch",          PRINCIPAL_ALL, some,  &records[0], south, "branch_not_permitted",
         "contact.branch"                                                                                      },
        {"no branch at all",        PRINCIPAL_ALL, some,  &records[0], NULL,  "",                     ""       },
        {"an empty branch",         PRINCIPAL_ALL, some,  &records[0], empty, "",                     ""       },
        {"a kind without branches", PRINCIPAL_ALL, some,  &records[1], NULL,  "",                     ""       },
        {"no branch is permitted",  PRINCIPAL_ALL, empty, &records[0], north, "branch_not_permitted",
         "contact.branch"                                                                                      },
        {"the kind is said first",  0,             some,  &records[0], south, "kind_not_permitted",   "contact"},
        {"a record without a body", 0,             some,  &records[2], NULL,  "",                     ""       },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = ERR_NONE;
        const struct principal p = {
            .id = 7, .record_kinds = cases[i].kinds, .branches = cases[i].branches};
        contact.branch = cases[i].branch;
        int rc = intake_admit_record(&p, cases[i].record, &err);
        if (strcmp(err.code, cases[i].want_code) != 0 ||
            strcmp(err.field, cases[i].want_field) != 0 ||
            (rc < 0) != (*cases[i].want_code != '\0')) {
            fail_msg("%s: %d %s %s", cases[i].name, rc, err.code, err.field);
        }
    }
}

/* Makes a body of zeroes but for its field "branch", whatever message it is. */
static bool is_branch_asked(const ProtobufCFieldDescriptor *body,
                            const ProtobufCFieldDescriptor *branch)
{
    static uint64_t memory[64];
    char none[] = "", south[] = "south", *text = south;
    struct principal p = {.id = 7, .record_kinds = PRINCIPAL_ALL, .branches = none};
    struct err err = ERR_NONE;
    Troth__V1__Record record = TROTH__V1__RECORD__INIT;
    const ProtobufCMessageDescriptor *type = body->descriptor;
    assert_true(type->sizeof_message <= sizeof(memory));
    type->message_init((ProtobufCMessage *)memory);
    memcpy((char *)memory + branch->offset, &text, sizeof(text));
    record.body_case = (Troth__V1__Record__BodyCase)body->id;
    record.contact = (Troth__V1__Contact *)memory; /* of the union */
    return intake_admit_record(&p, &record, &err) < 0 &&
           strcmp(err.code, "branch_not_permitted") == 0;
}

static void every_record_that_has_a_branch_is_asked_for_it(void **state)
{
    const ProtobufCMessageDescriptor *record = &troth__v1__record__descriptor;
    int found = 0;
    for (unsigned i = 0; i < record->n_fields; i++) {
        const ProtobufCFieldDescriptor *body = &record->fields[i];
        if (!(body->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
            continue;
        }
        const ProtobufCFieldDescriptor *branch =
            protobuf_c_message_descriptor_get_field_by_name(body->descriptor, "branch");
        if (branch && !is_branch_asked(body, branch)) {
            fail_msg("%s.branch is not in the table of intake_admission.c", body->name);
        }
        found += branch != NULL;
    }
    assert_true(found >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_needs_the_right_and_a_key_in_force),
        cmocka_unit_test(a_record_needs_its_kind_and_its_branch),
        cmocka_unit_test(every_record_that_has_a_branch_is_asked_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
