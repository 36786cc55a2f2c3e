/* SPDX-License-Identifier: Apache-2.0 */
#include "services/reporting/page_frame.h"

#include "services/reporting/web_headers.h"

/* Contrast of text is at least 7 to 1 in both schemes; what is touched is 44 px high at least. */
static const char style[] =
    ":root{color-scheme:light dark;--ink:#1b1f24;--soft:#4a525c;--page:#f5f6f8;--card:#fff;"
    "--line:#c9ced6;--deed:#0b4f9e;--on-deed:#fff;--good:#0d5a2b;--bad:#8c1d18}"
    "@media(prefers-color-scheme:dark){:root{--ink:#eceff3;--soft:#bcc4ce;--page:#14171b;"
    "--card:#1e2329;--line:#4b545f;--deed:#a9cdf9;--on-deed:#0c1f36;--good:#8fdcae;"
    "--bad:#ffb4ab}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--page);color:var(--ink);font:1.0625rem/1.55 system-ui,"
    "sans-serif;overflow-wrap:anywhere}"
    "main{max-width:40rem;margin:0 auto;padding:1rem}"
    "h1{font-size:1.45rem;line-height:1.25;margin:.5rem 0}"
    "h2{font-size:1.15rem;line-height:1.3;margin:0 0 .5rem}"
    "p{margin:.4rem 0}.soft{color:var(--soft);font-size:.95rem}"
    ".good{color:var(--good)}.bad{color:var(--bad)}"
    "section{background:var(--card);border:1px solid var(--line);border-radius:.6rem;"
    "padding:1rem;margin:1rem 0}"
    ".turn{border-inline-start:.4rem solid var(--deed)}"
    ".big{font-size:1.25rem;font-weight:600;margin:0 0 .3rem}"
    "ul,ol{list-style:none;margin:0;padding:0}"
    "li{padding:.6rem 0;border-top:1px solid var(--line)}li:first-child{border-top:0}"
    "form+form{margin-top:1rem}"
    "fieldset{border:0;padding:0;margin:0 0 1.25rem}legend{padding:0;font-weight:600}"
    "label{display:block;font-weight:600;margin:.6rem 0 .2rem}"
    "fieldset label{display:inline-block;font-weight:400;margin:0;padding:.6rem .7rem .6rem 0}"
    "input[type=radio]{width:1.25rem;height:1.25rem;vertical-align:-.2rem}"
    "select,textarea,input[type=date]{font:inherit;width:100%;min-height:2.75rem;padding:.5rem;"
    "color:inherit;background:var(--page);border:1px solid var(--soft);border-radius:.4rem}"
    "button{font:inherit;font-weight:600;min-height:2.75rem;padding:.5rem 1.1rem;margin:.8rem 0 0;"
    "border:0;border-radius:.4rem;background:var(--deed);color:var(--on-deed);cursor:pointer}"
    "a{color:var(--deed)}"
    ":focus-visible{outline:3px solid var(--deed);outline-offset:3px}";

void page_frame_begin(const char *language, const char *title, struct text *out)
{
    text_appendf(out,
                 "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<meta name=\"referrer\" content=\"no-referrer\">\n"
                 "<meta name=\"robots\" content=\"noindex\">\n"
                 "<link rel=\"icon\" href=\"data:,\">\n<title>%s</title>\n<style>",
                 language, title);
    text_append(out, style);
    text_append(out, "</style>\n</head>\n<body>\n<main>\n");
}

void page_frame_end(struct text *out)
{
    text_append(out, "</main>\n</body>\n</html>\n");
}

void page_frame_headers(struct http_response *r)
{
    r->content_type = "text/html; charset=utf-8";
    web_headers_page(r, style);
    http_response_header(r, "Referrer-Policy", "no-referrer");
}
