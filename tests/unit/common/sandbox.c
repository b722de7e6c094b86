#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox.h"
#include "tap.h"

static bool
can_exec(void)
{
	execl("/bin/true", "true", (char *)NULL);
	return errno != EPERM;
}

static bool
can_connect(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool
can_write_home(void)
{
	return open("sandbox.test", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool
can_spool(void)
{
	return open("spool/sandbox.test", O_CREAT | O_WRONLY, 0600) >= 0;
}

static bool
can_truncate(void)
{
	return truncate("precious", 0) == 0;
}

static bool
can_truncate_spool(void)
{
	return can_spool() && truncate("spool/sandbox.test", 0) == 0;
}

static bool
can_read(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool
has_landlock(int version)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >=
	       version;
}

/* In a child, for there is no way out of a sandbox. */
static bool
allowed(unsigned needs, bool (*attempt)(void))
{
	int status = -1;
	pid_t pid = fork();
	if (pid == 0) {
		sandbox_enter(needs);
		_exit(attempt() ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int
main(void)
{
	char dir[] = "/tmp/mm-sandbox.XXXXXX", spool[64];
	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("spool", 0700) < 0)
		return 1;
	(void)snprintf(spool, sizeof(spool), "%s/spool", dir);
	setenv("TMPDIR", spool, 1);

	ok(!allowed(SANDBOX_NET | SANDBOX_WRITE, can_exec), "no program can be started");
	ok(!allowed(0, can_connect), "no socket without the need of a network");
	ok(allowed(SANDBOX_NET, can_connect), "a socket with it");
	ok(allowed(0, can_read), "files can be read");
	ok(allowed(SANDBOX_WRITE, can_write_home), "files can be written where that is needed");
	ok(unlink("sandbox.test") == 0, "it was");
	if (has_landlock(1))
		ok(!allowed(0, can_write_home), "and not where it is not");
	else
		ok(true, "and not where it is not # SKIP this kernel has no Landlock");
	ok(allowed(0, can_spool), "but in the spool directory");
	close(open("precious", O_CREAT | O_WRONLY, 0600));
	if (has_landlock(3))
		ok(!allowed(0, can_truncate), "nor are files cut off");
	else
		ok(true, "nor are files cut off # SKIP this kernel's Landlock cannot tell");
	ok(allowed(0, can_truncate_spool), "but in the spool directory");
	(void)unlink("precious");
	(void)unlink("sandbox.test");
	(void)unlink("spool/sandbox.test");
	(void)rmdir("spool");
	(void)rmdir(dir);
	return done();
}
