/* sandbox.h: a filter gives up what it does not need, once it has started and
 * before it reads mail: by seccomp, Landlock and no-new-privileges.  What an
 * attacker gains from a broken parser is then what the filter could do anyway. */
#ifndef MM_SANDBOX_H
#define MM_SANDBOX_H

enum sandbox_need {
	SANDBOX_NET = 1,    /* open sockets other than unix ones */
	SANDBOX_WRITE = 2,  /* make, change and remove files anywhere */
	SANDBOX_ACCEPT = 4, /* accept connections on sockets that listen already */
};

/* Before sandbox_enter(): files in this directory may be made and changed all the same.
 * The string must stay. */
void sandbox_keep_dir(const char *dir);

/* Keeps what `needs` names; starting programs, tracing, mounting, loading
 * modules and the like are given up in any case, writing files but for the spool
 * directory ($TMPDIR, else /var/tmp) unless named.  What the kernel cannot do is
 * passed over; what it refuses is logged, and the program goes on.  Not for
 * programs that start others: those may need privileges of their own. */
void sandbox_enter(unsigned needs);

#endif
