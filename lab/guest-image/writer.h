/* What the writer puts on disk, shared by the writer (guest) and the reader (host). x86 only: little-endian. */
#include <stdint.h>

#define MAGIC 0x53544c46u              /* "STLF" */
#define SLOTS 1048576ull               /* 16 MiB of 16-byte records: record seq lives in slot seq % SLOTS */

struct record {
    uint32_t magic;
    uint32_t check;                    /* depends on seq: a torn or stray record shows */
    uint64_t seq;
};

static inline uint32_t check_of(uint64_t seq) { return (uint32_t)((seq * 0x9e3779b97f4a7c15ull) >> 32); }

static inline int valid(const struct record *r, uint64_t slot) {
    return r->magic == MAGIC && r->seq > 0 && r->seq % SLOTS == slot && r->check == check_of(r->seq);
}
