/* SPDX-License-Identifier: Apache-2.0 */
/* key_files_fuzz.c - files of keys, copies of signed heads, and what a caller's trace says. */
#include <stdlib.h>

#include "common/audit/audit_head.h"
#include "common/audit/audit_key.h"
#include "common/base/trace_context.h"
#include "services/intake/keyring.h"
#include "tests/fuzz/fuzz.h"

static void fuzz_trust(const char *text)
{
    struct audit_trust trust = {.installation = ""};
    struct audit_trust other = {.installation = ""};
    struct err err = ERR_NONE;
    struct text printed = {0};

    if (audit_trust_parse(text, &trust, &err) == 0) {
        audit_trust_print(&trust, &printed);
        claim(audit_trust_parse(printed.data, &other, &err) == 0, "what we printed is read");
        claim(strcmp(trust.installation, other.installation) == 0, "as the same");
        text_free(&printed);
    }
}

static void fuzz_head(const uint8_t *data, size_t size)
{
    struct audit_head head;
    struct audit_head again;
    struct err err = ERR_NONE;
    char line[AUDIT_HEAD_LINE_SIZE];

    if (audit_head_parse((const char *)data, size, &head, &err) == 0) {
        audit_head_print(&head, line);
        claim(audit_head_parse(line, strlen(line), &again, &err) == 0, "our line is read");
        claim(audit_head_equal(&head, &again), "as the same head");
    }
}

static void fuzz_trace(const char *text)
{
    char context[TRACE_CONTEXT_SIZE];
    char id[TRACE_CONTEXT_ID_SIZE];

    if (trace_context_read(text, context)) {
        claim(strlen(context) == TRACE_CONTEXT_SIZE - 1, "a context has its length");
        claim(strlen(trace_context_id(context, id)) == TRACE_CONTEXT_ID_SIZE - 1, "so has its id");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    struct err err = ERR_NONE;

    fuzz_trust(text);
    audit_key_free(audit_key_parse(text, &err));
    err = ERR_NONE;
    keyring_free(keyring_parse(text, &err));
    fuzz_head(data, size);
    fuzz_trace(text);
    free(text);
    return 0;
}
