#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "io.h"
#include "tap.h"

static volatile sig_atomic_t ticks;
static int holder = -1;

/* The second one lets go of the lock. */
static void
tick(int sig)
{
	(void)sig;
	if (++ticks == 2)
		(void)close(holder);
}

static void
interrupted(void)
{
	char path[] = "/tmp/io-lock.XXXXXX";
	struct sigaction sa = {.sa_handler = tick}; /* no SA_RESTART */
	struct itimerval every = {{0, 20000}, {0, 20000}}, never = {0};
	holder = mkstemp(path);
	int fd = open(path, O_RDWR | O_CLOEXEC);
	(void)sigaction(SIGALRM, &sa, NULL);
	ok(io_lock(holder, LOCK_EX) == 0, "a lock that is free");
	ok(io_lock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK, "one that is not");
	(void)setitimer(ITIMER_REAL, &every, NULL);
	ok(io_lock(fd, LOCK_EX) == 0 && ticks >= 2, "signals do not end the wait");
	(void)setitimer(ITIMER_REAL, &never, NULL);
	ok(io_lock(-1, LOCK_EX) < 0 && errno == EBADF, "an error does");
	(void)close(fd);
	(void)unlink(path);
}

int
main(void)
{
	interrupted();
	return done();
}
