/* look.h: what the commands for people share.  Each failure is told on standard
 * error. */
#ifndef MM_QUEUE_LOOK_H
#define MM_QUEUE_LOOK_H

#include "query.h"
#include "store.h"

/* Opens the queue that argv[optind] names and moves optind on; exits when there
 * is none. */
struct store *look_open(int argc, char **argv, enum store_use use);

bool look_wants_json(int argc, char **argv); /* the option --json, and no other */
struct query *look_query(char **argv);       /* of the operands; exits when they are none */
void look_some(int argc);                    /* exits unless operands are left */
void look_no_more(int argc, char **argv);    /* exits if operands are left */
/* Why it is held, as far as anybody said; absent if it is not held. */
struct str look_reason(const struct store_row *row);

/* No such message, or what `unless` says; returns the exit status. */
int look_missing(const char *id, const char *unless);
_Noreturn void look_failed(struct store *s); /* the store said -1 */
_Noreturn void look_unwritable(void);        /* standard output */

#endif
