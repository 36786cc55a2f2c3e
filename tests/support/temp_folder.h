/* SPDX-License-Identifier: Apache-2.0 */
/* temp_folder.h - a folder that one test owns. Its path is short: names of unix sockets have at
 * most 107 bytes. */
#ifndef TROTH_TESTS_SUPPORT_TEMP_FOLDER_H
#define TROTH_TESTS_SUPPORT_TEMP_FOLDER_H

#define TEMP_PATH_SIZE 128

struct temp_folder {
    char path[TEMP_PATH_SIZE];
};

/* Ends the test program when the folder cannot be made. */
struct temp_folder temp_folder_new(void);

/* Removes it and the files in it; folders inside are not expected. */
void temp_folder_remove(const struct temp_folder *f);

/* prefix, folder, '/', name: temp_folder_name(&f, "ipc://", "requests", endpoint). Returns
 * ret_text. */
const char *temp_folder_name(const struct temp_folder *f, const char *prefix, const char *name,
                             char ret_text[TEMP_PATH_SIZE]);

/* Writes a file; mode as for chmod(). */
void temp_folder_write(const char *path, const char *content, unsigned mode);

#endif
