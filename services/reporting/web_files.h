/* SPDX-License-Identifier: Apache-2.0 */
/*
 * web_files.h - the built dashboard, from memory.
 *
 * The folder is read once, at start: what is not in it then is not there, whatever a path says, and
 * no request waits for a disk. "x.gz" beside "x" is what "x" is sent as to who takes gzip. What is
 * under /assets/ has its version in its name and is never asked for again; all else is asked for
 * each time, and answered 304 while it is the same.
 */
#ifndef TROTH_REPORTING_WEB_FILES_H
#define TROTH_REPORTING_WEB_FILES_H

#include "common/base/err.h"
#include "common/runtime/http.h"

struct web_files;

/* Adds the paths to h; index.html is "/", too. folder "": one page that says how to build it. NULL
 * with err: web_root_invalid (it cannot be read, has no index.html, or is more than 16 MiB or 512
 * files). */
struct web_files *web_files_new(struct http *h, const char *folder, struct err *err);
/* After the last answer of h. NULL is fine. */
void web_files_free(struct web_files *f);

/* "text/html; charset=utf-8" for "index.html", by the end of the name. */
const char *web_files_type(const char *name);
/* Does an Accept-Encoding (NULL: none) take gzip? */
bool web_files_takes_gzip(const char *accept);

#endif
