/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config_tree.h - libconfig's trees, whole or the end of the process.
 *
 * When memory is missing, libconfig leaves a setting without its name or its text and says nothing:
 * a file would be read as if somebody had not written that line. Or it calls exit(2), which our
 * programs keep for settings that are wrong: who starts them again does not then.
 */
#ifndef TROTH_COMMON_BASE_CONFIG_TREE_H
#define TROTH_COMMON_BASE_CONFIG_TREE_H

#include <stdbool.h>

#include <libconfig.h>

#include "common/base/compiler.h"

/* As config_read_file() and config_read_string(), into a tree that config_init() has seen. Without
 * memory the process ends as in xalloc.h. From one thread at a time. */
MUST_CHECK bool config_tree_read_file(config_t *tree, const char *path);
MUST_CHECK bool config_tree_read_text(config_t *tree, const char *text);

#endif
