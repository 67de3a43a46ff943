/* The floor of a build: what its files cost alone.
 *
 *     floor write PACK OUT     creates the files in PACK under OUT, as a build into an empty
 *                              directory does: everything in a staging directory, then one rename
 *                              for each entry at the top
 *     floor compare PACK OUT   reads each of those files and compares it with what PACK holds, as a
 *                              build does that finds its own tree
 *
 * Nothing is computed: the bytes are in memory before the first file is created. A PACK is a list of
 * entries, each a kind, a path and a NUL byte, parents first. After it, a directory ('d') has
 * nothing, a link ('l') its target and a NUL byte, and a file ('f') its length in decimal, a NUL
 * byte, and its bytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define STAGING ".floor"

struct entry {
    char kind;
    const char *path;
    const char *target; /* of a link */
    const char *bytes;  /* of a file */
    size_t length;
};

static void require(int holds, const char *what) {
    if (!holds) {
        perror(what);
        exit(1);
    }
}

static const char *past_nul(const char *text) { return text + strlen(text) + 1; }

/* Reads the entry at `at` and returns where the next one begins. */
static const char *next_entry(const char *at, struct entry *entry) {
    entry->kind = *at;
    entry->path = at + 1;
    at = past_nul(entry->path);
    if (entry->kind == 'l') {
        entry->target = at;
        at = past_nul(at);
    } else if (entry->kind == 'f') {
        entry->length = strtoul(at, NULL, 10);
        entry->bytes = past_nul(at);
        at = entry->bytes + entry->length;
    }
    return at;
}

static void write_file(int folder, const struct entry *entry) {
    int file = openat(folder, entry->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    require(file >= 0, entry->path);
    for (size_t done = 0; done < entry->length;) {
        ssize_t count = write(file, entry->bytes + done, entry->length - done);
        require(count > 0, entry->path);
        done += count;
    }
    require(close(file) == 0, entry->path);
}

static void create(int staging, const struct entry *entry) {
    switch (entry->kind) {
    case 'd':
        require(mkdirat(staging, entry->path, 0755) == 0, entry->path);
        break;
    case 'l':
        require(symlinkat(entry->target, staging, entry->path) == 0, entry->path);
        break;
    default:
        write_file(staging, entry);
    }
}

static void compare(int folder, const struct entry *entry, char *buffer, size_t room) {
    if (entry->kind != 'f')
        return;
    int file = openat(folder, entry->path, O_RDONLY | O_CLOEXEC);
    require(file >= 0, entry->path);
    for (size_t done = 0; done < entry->length;) {
        ssize_t count = read(file, buffer, room);
        require(count > 0 && done + count <= entry->length, entry->path);
        require(memcmp(buffer, entry->bytes + done, count) == 0, entry->path);
        done += count;
    }
    require(close(file) == 0, entry->path);
}

int main(int count, char **arguments) {
    static char buffer[1 << 18];
    if (count != 4) {
        fprintf(stderr, "usage: floor write|compare PACK OUT\n");
        return 2;
    }
    int writes = strcmp(arguments[1], "write") == 0;
    int pack = open(arguments[2], O_RDONLY | O_CLOEXEC);
    struct stat size;
    require(pack >= 0 && fstat(pack, &size) == 0, arguments[2]);
    const char *start =
        mmap(NULL, size.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, pack, 0);
    require(start != MAP_FAILED, arguments[2]);
    const char *end = start + size.st_size;

    int out = open(arguments[3], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    require(out >= 0, arguments[3]);
    umask(022);
    int folder = out;
    if (writes) {
        require(mkdirat(out, STAGING, 0755) == 0, STAGING);
        folder = openat(out, STAGING, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        require(folder >= 0, STAGING);
    }
    struct entry entry;
    for (const char *at = start; at < end;) {
        at = next_entry(at, &entry);
        if (writes)
            create(folder, &entry);
        else
            compare(folder, &entry, buffer, sizeof buffer);
    }
    if (!writes)
        return 0;
    for (const char *at = start; at < end;) {
        at = next_entry(at, &entry);
        if (strchr(entry.path, '/') == NULL)
            require(renameat(folder, entry.path, out, entry.path) == 0, entry.path);
    }
    require(unlinkat(out, STAGING, AT_REMOVEDIR) == 0, STAGING);
    return 0;
}
