/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/cli_receipt.h"

#include "common/base/text.h"
#include "services/cli/cli_table.h"

static void print_line(const char *name, const char *value, FILE *out)
{
    if (!text_is_empty(value)) {
        (void)fprintf(out, "%-9s %s\n", name, value);
    }
}

static void print_promises(const Troth__V1__Receipt *r, FILE *out)
{
    static const char *const titles[] = {"PROMISE", "KIND", "DUE"};
    struct cli_table table = {.titles = titles, .count = 3};

    for (size_t i = 0; i < r->n_promises; i++) {
        const Troth__V1__ReceiptPromise *p = r->promises[i];
        char due[CLI_NAME_SIZE];

        cli_table_add(&table, "%s", cli_text(p->promise_number));
        cli_table_add(&table, "%s", cli_text(p->kind));
        cli_table_add(&table, "%s", cli_time_text(p->has_due_us, p->due_us, due));
    }
    cli_table_print(&table, out);
}

void cli_receipt_print(const Troth__V1__Receipt *r, FILE *out)
{
    char status[CLI_NAME_SIZE];

    (void)fprintf(out, "%s\n",
                  cli_enum_text(&troth__v1__receipt_status__descriptor, (int)r->status, status));
    print_line("key", r->key, out);
    print_line("code", r->code, out);
    print_line("field", r->field, out);
    print_line("reason", r->text, out);
    print_line("customer", r->customer_number, out);
    print_line("joined by", r->customer_joined_by, out);
    if (!text_is_empty(r->case_number)) {
        (void)fprintf(out, "%-9s %s%s\n", "case", r->case_number,
                      r->has_is_new_case && r->is_new_case ? " (new)" : "");
    }
    print_line("because", r->case_joined_by, out);
    print_line("standard", r->rule, out);
    print_promises(r, out);
}
