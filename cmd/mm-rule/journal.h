/* journal.h: the finished actions of messages that are under way, on disk, so that
 * they are not repeated when mm-rule is killed and the messages come again. */
#ifndef MM_RULE_JOURNAL_H
#define MM_RULE_JOURNAL_H

#include "record.h"

struct journal;

/* Takes over the directory, made if it is not there, from whoever had it before.
 * NULL after the reason was logged: also when another process has it. */
struct journal *journal_open(const char *dir);
void journal_close(struct journal *j); /* NULL is allowed */

/* Adds to a record that came the `done` fields that are known and that it lacks. */
void journal_begin(struct journal *j, struct record *r);

/* Notes a `done` field of the message; durable after journal_sync(). */
void journal_note(struct journal *j, struct str id, struct str done);

/* The message goes out.  Its fields are kept for a while: whoever gave it may have
 * been killed before reading the answer. */
void journal_answered(struct journal *j, struct str id);

/* Writes what was noted.  A failure is logged: the messages go on all the same. */
void journal_sync(struct journal *j);

#endif
