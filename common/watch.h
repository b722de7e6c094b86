/* watch.h: have any of these files changed?  By stat(2), when asked. */
#ifndef MM_WATCH_H
#define MM_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct watch_file {
	char *path;
	struct stat seen;
};

/* {0} watches nothing. */
struct watch {
	struct watch_file *list;
	size_t n, cap;
};

/* Before the file is read, so that what is written meanwhile is a change.  It need not
 * be there: its coming is a change too. */
void watch_add(struct watch *w, const char *path);

/* Is any of them not as it was when it was added or last asked about? */
bool watch_changed(struct watch *w);

/* from's files become w's too, as from has seen them; from is empty then. */
void watch_take(struct watch *w, struct watch *from);

void watch_release(struct watch *w);

#endif
