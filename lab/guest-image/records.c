/*
 * records FILE: what a writer.dat holds, on one line: first=<lowest seq> last=<highest seq> missing=<count>
 * missing counts absent or bad records between first and last. Exit 0 when all is well, 1 when not, 2 on wrong usage.
 */
#include "writer.h"
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    if (argc != 2 || argv[1][0] == '-') {
        fprintf(stderr, "usage: records FILE\n");
        return 2;
    }
    FILE *file = fopen(argv[1], "rb");
    struct record *slot = malloc((SLOTS + 1) * sizeof *slot);
    if (!file || !slot) {
        perror(argv[1]);
        return 2;
    }
    size_t size = fread(slot, 1, (SLOTS + 1) * sizeof *slot, file);
    if (size != SLOTS * sizeof *slot) {
        fprintf(stderr, "records: %s is not a writer.dat: size is not %llu\n", argv[1], SLOTS * sizeof *slot);
        return 1;
    }

    uint64_t last = 0, first = 0, found = 0, stray = 0;
    for (uint64_t i = 0; i < SLOTS; i++)
        if (valid(&slot[i], i) && slot[i].seq > last) last = slot[i].seq;
    /* The file is a ring: what is older than one round should have been overwritten, and counts as missing. */
    uint64_t floor = last >= SLOTS ? last - SLOTS + 1 : 1;
    for (uint64_t i = 0; i < SLOTS; i++) {
        if (valid(&slot[i], i) && slot[i].seq >= floor) {
            found++;
            if (!first || slot[i].seq < first) first = slot[i].seq;
        } else if (slot[i].magic || slot[i].check || slot[i].seq) {
            stray++;
        }
    }
    uint64_t missing = last ? last - first + 1 - found : 0;
    printf("first=%llu last=%llu missing=%llu\n", (unsigned long long)first, (unsigned long long)last,
           (unsigned long long)missing);
    if (!last) fprintf(stderr, "records: no record at all\n");
    if (stray) fprintf(stderr, "records: %llu slots hold something else than their record\n", (unsigned long long)stray);
    return last && !missing && !stray ? 0 : 1;
}
