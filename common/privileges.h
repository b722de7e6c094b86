/* privileges.h: from root to a user who may do less, for good. */
#ifndef MM_PRIVILEGES_H
#define MM_PRIVILEGES_H

/* Takes on the user, the user's group and supplementary groups.  0 when that has
 * happened, or when we are that user already; else -1 after an error was logged. */
int privileges_drop(const char *user);

#endif
