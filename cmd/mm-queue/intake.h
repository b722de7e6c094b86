/* intake.h: the writing side of DIR/intake: records made durable by one append and
 * one fdatasync for all that have arrived.  Any number of writers, a file each;
 * nobody waits for another.  intake_file.h has the format. */
#ifndef MM_QUEUE_INTAKE_H
#define MM_QUEUE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "record.h"

struct intake;

/* Makes the queue's directory and what is in it where they are missing.  NULL with
 * the reason in why[size] and *full telling whether it was for want of space. */
struct intake *intake_open(const char *dir, char *why, size_t size, bool *full);
void intake_close(struct intake *in); /* NULL is allowed */

/* 0 when all of them are durable; else -1, none of them is in the queue, and
 * intake_error() says why.  The records are as the caller has them: those fields go
 * with them that last (lasting.h). */
int intake_append(struct intake *in, struct record *const *list, size_t n, int64_t now);

const char *intake_error(const struct intake *in);
bool intake_full(const struct intake *in); /* did the last failure want disk space? */

#endif
