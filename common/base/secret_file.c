/* SPDX-License-Identifier: Apache-2.0 */
#include "common/base/secret_file.h"

#include <sys/stat.h>
#include <unistd.h>

bool secret_file_is_private(int fd, const char *path)
{
    struct stat st;
    if (fstat(fd, &st) < 0) {
        return false;
    }
    return (st.st_mode & (S_IRWXG | S_IRWXO)) == 0 ||
           (st.st_uid != geteuid() && access(path, W_OK) != 0);
}
