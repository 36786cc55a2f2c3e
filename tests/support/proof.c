/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/proof.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "common/base/text.h"

/* "servqual_test" is headed "servqual". */
static void write_heading(FILE *out)
{
    static const char suffix[] = "_test";
    const char *program = program_invocation_short_name;
    size_t len = strlen(program);
    size_t tail = sizeof suffix - 1;

    if (len > tail && strcmp(program + len - tail, suffix) == 0) {
        len -= tail;
    }
    (void)fprintf(out, "### %.*s\n\n", (int)len, program);
    (void)fputs("| what | source | published | ours | difference | tolerance |\n"
                "| --- | --- | ---: | ---: | ---: | ---: |\n",
                out);
}

/* The program's table; what a former run left is gone. NULL when nobody asked for it. */
static FILE *open_table(void)
{
    static bool is_begun;
    const char *folder = getenv("TROTH_OUT");
    struct text path = {0};
    FILE *out;

    if (text_is_empty(folder)) {
        return NULL;
    }
    text_appendf(&path, "%s/proof", folder);
    if (mkdir(path.data, 0777) < 0 && errno != EEXIST) {
        fail_msg("%s: %s", path.data, strerror(errno));
    }
    text_appendf(&path, "/%s.md", program_invocation_short_name);
    out = fopen(path.data, is_begun ? "a" : "w");
    if (!out) {
        fail_msg("%s: %s", path.data, strerror(errno));
    }
    text_free(&path);
    if (!is_begun) {
        write_heading(out);
    }
    is_begun = true;
    return out;
}

void proof_check(const struct proof *p)
{
    double difference = p->ours - p->published;
    FILE *table = open_table();

    if (table) {
        (void)fprintf(table, "| %s | %s | %.10g | %.10g | %.2g | %.2g |\n", p->what, p->source,
                      p->published, p->ours, difference, p->tolerance);
        (void)fclose(table);
    }
    if (fabs(difference) <= p->tolerance) {
        return;
    }
    print_error("%s (%s): published %.15g, ours %.15g\n", p->what, p->source, p->published,
                p->ours);
    _fail(p->file, p->line);
}
