/* SPDX-License-Identifier: Apache-2.0 */
#include "services/cli/case_link.h"

#include <inttypes.h>
#include <stdio.h>

#include "services/cli/cli_reporting.h"
#include "services/cli/cli_table.h"

static void print(const void *ctx, const Troth__V1__ReportReply *reply)
{
    const Troth__V1__ProgressLink *link = reply->progress_link;
    char text[CLI_NAME_SIZE];

    (void)ctx;
    if (!link->url) {
        (void)printf("links taken back  %" PRId64 "\n", link->revoked);
        return;
    }
    (void)printf("%s\ngood until  %s\n", link->url,
                 cli_time_text(link->has_expires_us, link->expires_us, text));
}

int case_link(struct cli *cli, char *number, int64_t days, bool is_revoked)
{
    Troth__V1__ReportRequest request = TROTH__V1__REPORT_REQUEST__INIT;
    Troth__V1__ProgressLinkRequest body = TROTH__V1__PROGRESS_LINK_REQUEST__INIT;

    body.case_number = number;
    body.has_days = days > 0;
    body.days = days > INT32_MAX ? INT32_MAX : (int32_t)days;
    body.has_is_revoked = body.is_revoked = is_revoked;
    request.body_case = TROTH__V1__REPORT_REQUEST__BODY_PROGRESS_LINK;
    request.progress_link = &body;
    return cli_reporting_ask(cli, &request, TROTH__V1__REPORT_REPLY__BODY_PROGRESS_LINK, print,
                             NULL);
}
